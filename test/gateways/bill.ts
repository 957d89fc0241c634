import type { BillLine } from '../../infra/local/model/src/billing/bill.ts';
import type { ModelStandIn } from '../../infra/local/model/src/server.ts';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import { pricedModel } from '../../shared/pricing/price-book.ts';

type Calls = ReturnType<ModelStandIn['calls']>;

const kinds = ['input', 'cacheWrite', 'cacheRead', 'output', 'searches'] as const;
type Counts = Pick<BillLine, (typeof kinds)[number]>;

/** What was sent to a gateway whose client has left and not been read there: a few events of a dozen tokens. */
const ON_THE_WAY_TOKENS = 120;
/** An estimate is at most so much above what passed: two tokens for one, and the frames of events. */
const mostEstimated = (tokens: number): number => 2 * tokens + 200;

/**
 * Where the usage events are not what the stand-in bills for its answers, to the token: each event that of its own answer, and all
 * together by model. Of a stream that was cut off the prompt is billed in full and the output that was sent; its event must have the
 * prompt to the token, and an output that is not below what passed and not far above it.
 */
export function billDifferences(calls: Calls, events: readonly UsageEvent[]): string[] {
  const billed = calls.filter((call) => call.bill !== undefined);
  const ofAnswer = new Map(events.map((event) => [event.providerResponseId, event]));
  const differences = billed.flatMap(({ responseId = '', bill = [], begun }) => {
    const event = ofAnswer.get(responseId);
    if (!event) return [`${responseId}: ${textOf(sumOf(bill))} billed, none reported`];
    const own = sumOf(bill.filter(({ for: reason }) => reason === 'answer' || reason === 'summary'));
    const problem =
      event.unitsEstimated && begun
        ? estimateProblem(countsOf(event), begun, own.output)
        : countProblem(countsOf(event), own);
    return problem === undefined ? [] : [`${responseId}, ${event.outcome}: ${problem}`];
  });
  const isEstimated = (id = '') => ofAnswer.get(id)?.unitsEstimated === true;
  const lines = billed.filter(({ responseId }) => !isEstimated(responseId)).flatMap(({ bill = [] }) => bill);
  const counted = events.filter(({ unitsEstimated }) => !unitsEstimated);
  return [...differences, ...totalProblems(lines, counted)];
}

function totalProblems(lines: readonly BillLine[], events: readonly UsageEvent[]): string[] {
  const names = new Set([...lines.map(({ model }) => nameOf(model)), ...events.map(({ resource }) => resource)]);
  return [...names].flatMap((name) => {
    const reported = sumOf(events.filter(({ resource }) => resource === name).map(countsOf));
    const problem = countProblem(reported, sumOf(lines.filter(({ model }) => nameOf(model) === name)));
    return problem === undefined ? [] : [`${name}, all calls: ${problem}`];
  });
}

const countProblem = (reported: Counts, billed: Counts): string | undefined =>
  textOf(reported) === textOf(billed) ? undefined : `${textOf(billed)} billed, ${textOf(reported)} reported`;

/** @param sent tokens of output that went to the gateway */
function estimateProblem({ output, ...prompt }: Counts, begun: Counts, sent: number): string | undefined {
  // Results of searches are read again in turns that the provider counts at the end only.
  const problem = prompt.searches > 0 ? undefined : countProblem({ ...prompt, output: 0 }, { ...begun, output: 0 });
  const isBetween = output >= sent - ON_THE_WAY_TOKENS && output <= mostEstimated(sent);
  return problem ?? (isBetween ? undefined : `${sent} tokens of output passed, ${output} reported`);
}

const nameOf = (model: string): string => pricedModel(model) ?? model;

function countsOf({ units }: UsageEvent): Counts {
  const counts = sumOf([]);
  for (const [name, { input = 0, output = 0 }] of Object.entries(units)) {
    if (name === 'web_search_request') counts.searches += output;
    else {
      const kind = name.includes('_cache_write') ? 'cacheWrite' : name.includes('_cache_read') ? 'cacheRead' : 'input';
      counts[kind] += input;
      counts.output += output;
    }
  }
  return counts;
}

function sumOf(all: readonly Counts[]): Counts {
  const sum: Counts = { input: 0, cacheWrite: 0, cacheRead: 0, output: 0, searches: 0 };
  for (const one of all) for (const kind of kinds) sum[kind] += one[kind];
  return sum;
}

const textOf = (counts: Counts): string => kinds.map((kind) => `${kind} ${counts[kind]}`).join(', ');
