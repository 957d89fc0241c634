import type { Clock } from '../../../../shared/util/clock.ts';
import { createPriceBook, type PriceBook } from './ingest/prices.ts';
import { EventStore } from './stores/event-store.ts';
import { LimitStore } from './stores/limit-store.ts';
import { UseCaseStore } from './stores/use-case-store.ts';

/** `live` is the API as Pay-i's SDK and OpenAPI document have it; `guide` is what its guide shows, and nothing else where both differ. */
export type Dialect = 'live' | 'guide';

/** How it behaves, where sources are silent or in conflict. */
export interface PayiOptions {
  dialect: Dialect;
  /** An event of a use case that has no definition: defines it, or is refused with 404 `use_case_not_found`. */
  unknownUseCase: 'create' | 'refuse';
  /** How many of the latest events are kept whole for inspection; of all others only the counts and costs. */
  keepWhole: number;
  clock: Clock;
}

/** All that Pay-i knows. */
export interface PayiState {
  readonly options: PayiOptions;
  prices: PriceBook;
  limits: LimitStore;
  useCases: UseCaseStore;
  events: EventStore;
  /** Requests answered, by route and status, e.g. `POST /ingest/bulk 200`. */
  requests: Map<string, number>;
  /** Items refused at ingest, by code. */
  refusedItems: Map<string, number>;
}

export function createState(options: PayiOptions): PayiState {
  return { options, ...emptyState(options) };
}

export function clearState(state: PayiState): void {
  Object.assign(state, emptyState(state.options));
}

function emptyState(options: PayiOptions): Omit<PayiState, 'options'> {
  const limits = new LimitStore();
  return {
    prices: createPriceBook(),
    limits,
    useCases: new UseCaseStore(limits),
    events: new EventStore(options.keepWhole),
    requests: new Map(),
    refusedItems: new Map(),
  };
}

export const countUp = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};
