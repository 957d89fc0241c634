import type { Faults } from './http/fault.ts';
import type { IngestItem } from './ingest/ingest-item.ts';
import { toUsd } from './ingest/prices.ts';
import { limitJson } from './routes/limits.ts';
import type { PayiState } from './state.ts';
import { requestId } from './stores/ids.ts';
import { type Sequence, sequence } from './stores/sequence.ts';

/** One ingested event and how often it came. */
export interface InspectedEvent {
  requestId: string;
  category: string;
  providerResponseId: string | undefined;
  /** Times it was accepted, the first included; charged once always. */
  accepted: number;
  /** Of these, times it came as if it were new: on a Pay-i without protection it would be charged again. */
  duplicates: number;
  /** Of these, times it came as an update. */
  upserted: number;
  costUsd: number;
  httpStatusCode: number;
  eventTimestamp: string;
  useCaseName: string | undefined;
  useCaseId: string | undefined;
  useCaseStep: string | undefined;
  userId: string | undefined;
  accountName: string | undefined;
  limitIds: string[];
  /** As it came last; only of the latest events. */
  item: IngestItem | undefined;
}

export interface InspectedScore {
  useCaseName: string;
  useCaseId: string;
  kpiName: string;
  score: number | undefined;
  puts: number;
}

interface Sums {
  events: number;
  costUsd: number;
}

export interface PayiSummary extends Sums {
  /** Requests that carried an event which was accepted. */
  accepted: number;
  duplicates: number;
  upserts: number;
  /** Events that came more than once as if they were new. */
  doubledEvents: number;
  instances: number;
  scores: number;
  faultsMet: number;
  requests: Record<string, number>;
  refusedItems: Record<string, number>;
  useCases: Record<string, Sums & { users: Record<string, Sums> }>;
}

/** Looks into the stand-in; changes nothing. */
export interface Inspection {
  summary(): PayiSummary;
  /** In the order of arrival. */
  events(): Sequence<InspectedEvent>;
  event(category: string, providerResponseId: string): InspectedEvent | undefined;
  /** In the order in which they were first put. */
  scores(): Sequence<InspectedScore>;
  limits(): ReturnType<typeof limitJson>[];
}

export function createInspection(state: PayiState, faults: Faults): Inspection {
  const eventAt = (row: number): InspectedEvent => {
    const { category, responseId } = state.events.key(row);
    const facts = state.events.facts(row);
    const instance = facts?.instance === undefined ? undefined : state.useCases.instance(facts.instance);
    const { accepted, duplicates, upserts } = state.events.counts(row);
    return {
      requestId: requestId(row),
      category,
      providerResponseId: responseId,
      accepted,
      duplicates,
      upserted: upserts,
      costUsd: toUsd((facts?.charge.input ?? 0) + (facts?.charge.output ?? 0)),
      httpStatusCode: facts?.status ?? 0,
      eventTimestamp: new Date(facts?.timestamp ?? 0).toISOString(),
      useCaseName: instance?.useCase.name,
      useCaseId: instance?.id,
      useCaseStep: facts?.step,
      userId: facts?.user,
      accountName: facts?.account,
      limitIds: facts?.limits.map((limit) => limit.id) ?? [],
      item: state.events.item(row),
    };
  };

  const scoreAt = (row: number): InspectedScore => {
    const found = state.useCases.scoreAt(row);
    return {
      useCaseName: found?.useCase.name ?? '',
      useCaseId: found?.useCaseId ?? '',
      kpiName: found?.kpi.name ?? '',
      score: found?.score,
      puts: found?.puts ?? 0,
    };
  };

  return {
    summary: () => ({
      events: state.events.size,
      accepted: state.events.totals.accepted,
      duplicates: state.events.totals.duplicates,
      upserts: state.events.totals.upserts,
      doubledEvents: state.events.totals.doubledEvents,
      instances: state.useCases.instanceCount,
      scores: state.useCases.scoreCount,
      faultsMet: faults.met,
      requests: Object.fromEntries(state.requests),
      refusedItems: Object.fromEntries(state.refusedItems),
      ...costs(state),
    }),
    events: () => sequence(state.events.size, eventAt),
    event(category, providerResponseId) {
      const row = state.events.find(category, providerResponseId);
      return row === undefined ? undefined : eventAt(row);
    },
    scores: () => sequence(state.useCases.scoreCount, scoreAt),
    limits: () => state.limits.all().map(limitJson),
  };
}

function costs(state: PayiState): Pick<PayiSummary, 'costUsd' | 'useCases'> {
  let all = 0;
  const useCases = new Map<
    string,
    { events: number; pico: number; users: Map<string, { events: number; pico: number }> }
  >();
  for (let row = 0; row < state.events.size; row += 1) {
    const facts = state.events.facts(row);
    if (!facts) continue;
    const pico = facts.charge.input + facts.charge.output;
    all += pico;
    const name = facts.instance === undefined ? '' : (state.useCases.instance(facts.instance)?.useCase.name ?? '');
    const useCase = ensure(useCases, name, () => ({ events: 0, pico: 0, users: new Map() }));
    const user = ensure(useCase.users, facts.user ?? '', () => ({ events: 0, pico: 0 }));
    for (const sums of [useCase, user]) {
      sums.events += 1;
      sums.pico += pico;
    }
  }
  const usd = ({ events, pico }: { events: number; pico: number }): Sums => ({ events, costUsd: toUsd(pico) });
  const shown = [...useCases].map(([name, sums]) => {
    const users = [...sums.users].map(([user, own]) => [user, usd(own)]);
    return [name, { ...usd(sums), users: Object.fromEntries(users) }];
  });
  return { costUsd: toUsd(all), useCases: Object.fromEntries(shown) };
}

function ensure<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
