/** What the Pay-i stand-in took in, one entry a usage event. Money in nano-USD, as Pay-i priced it. */
export interface RawEvent {
  providerResponseId: string;
  useCaseName: string;
  useCaseId: string;
  userId: string;
  costNanoUsd: bigint;
  limitIds: string[];
  /** How often it was taken in as new. */
  accepted: number;
}

/** One score that lies at Pay-i. */
export interface RawKpi {
  useCaseName: string;
  useCaseId: string;
  name: string;
  score: number;
}

export interface RawLimit {
  limitId: string;
  type: string;
  maxNanoUsd: bigint;
  /** As the app's mirror has it. */
  spentNanoUsd: bigint;
  /** As Pay-i has it. */
  payiNanoUsd: bigint;
  state: string;
}

/** One answered request of the demo. */
export interface Answered {
  useCaseName: string;
  useCaseId: string;
  user: string;
  /** The cost that the answer told, by our own price book. */
  toldNanoUsd: bigint;
}

export interface UseCaseFigures {
  name: string;
  requests: number;
  totalNanoUsd: bigint;
  averageNanoUsd: bigint;
  users: { userId: string; requests: number; costNanoUsd: bigint }[];
  kpis: { name: string; average: number }[];
}

/** The guide's table: what each use case and user costs and how it does, from the raw events. A request is an instance. */
export function figures(events: RawEvent[], kpis: RawKpi[]): UseCaseFigures[] {
  const names = [...new Set(events.map((event) => event.useCaseName))].sort();
  return names.map((name) => {
    const own = events.filter((event) => event.useCaseName === name);
    const requests = instances(own);
    const totalNanoUsd = sum(own);
    return {
      name,
      requests,
      totalNanoUsd,
      averageNanoUsd: requests > 0 ? totalNanoUsd / BigInt(requests) : 0n,
      users: [...new Set(own.map((event) => event.userId))].sort().map((userId) => {
        const byUser = own.filter((event) => event.userId === userId);
        return { userId, requests: instances(byUser), costNanoUsd: sum(byUser) };
      }),
      kpis: averages(kpis.filter((kpi) => kpi.useCaseName === name)),
    };
  });
}

/** Every way in which the figures do not add up or something did not arrive exactly once, as sentences. */
export function discrepancies(
  facts: { events: RawEvent[]; kpis: RawKpi[]; limits: RawLimit[]; answered: Answered[]; modelCalls: string[] },
  expectedKpis: Record<string, string[]>,
): string[] {
  const { events, kpis, limits, answered, modelCalls } = facts;
  const byId = new Map(events.map((event) => [event.providerResponseId, event]));
  const called = new Set(modelCalls);
  const table = figures(events, kpis);
  const told = (answer: Answered) => sum(events.filter((event) => event.useCaseId === answer.useCaseId));
  return [
    ...modelCalls.filter((id) => !byId.has(id)).map((id) => `Model call ${id} never arrived at Pay-i.`),
    ...events
      .filter((event) => !called.has(event.providerResponseId))
      .map((event) => `Pay-i has ${event.providerResponseId}, which no model call gave.`),
    ...events
      .filter((event) => event.accepted !== 1)
      .map((event) => `${event.providerResponseId} was taken in ${event.accepted} times.`),
    ...answered
      .filter((answer) => answer.toldNanoUsd !== told(answer))
      .map(
        (answer) =>
          `Instance ${answer.useCaseId}: the answer told ${answer.toldNanoUsd} nano-USD, Pay-i has ${told(answer)}.`,
      ),
    ...missingKpis(events, kpis, expectedKpis),
    ...table
      .filter((row) => row.users.reduce((total, user) => total + user.costNanoUsd, 0n) !== row.totalNanoUsd)
      .map((row) => `The users of ${row.name} do not add up to its total.`),
    ...limits.flatMap((limit) => limitProblems(limit, events)),
  ];
}

function limitProblems(limit: RawLimit, events: RawEvent[]): string[] {
  const spent = sum(events.filter((event) => event.limitIds.includes(limit.limitId)));
  const said: [string, bigint][] = [
    ['The app', limit.spentNanoUsd],
    ['Pay-i', limit.payiNanoUsd],
  ];
  return said
    .filter(([, figure]) => figure !== spent)
    .map(([who, figure]) => `${who} has ${figure} nano-USD spent on ${limit.limitId}; its events add up to ${spent}.`);
}

function missingKpis(events: RawEvent[], kpis: RawKpi[], expected: Record<string, string[]>): string[] {
  const has = new Set(kpis.map((kpi) => `${kpi.useCaseId} ${kpi.name}`));
  const names = new Map(events.map((event) => [event.useCaseId, event.useCaseName]));
  return [...names].flatMap(([id, name]) =>
    (expected[name] ?? [])
      .filter((kpi) => !has.has(`${id} ${kpi}`))
      .map((kpi) => `Instance ${id} of ${name} has no ${kpi}.`),
  );
}

const instances = (events: RawEvent[]): number => new Set(events.map((event) => event.useCaseId)).size;

const sum = (events: RawEvent[]): bigint => events.reduce((total, event) => total + event.costNanoUsd, 0n);

function averages(kpis: RawKpi[]): { name: string; average: number }[] {
  return [...new Set(kpis.map((kpi) => kpi.name))].sort().map((name) => {
    const scores = kpis.filter((kpi) => kpi.name === name).map((kpi) => kpi.score);
    return { name, average: scores.reduce((total, score) => total + score, 0) / scores.length };
  });
}
