import { type ApiErrorBody, apiError } from '../http/api-error.ts';
import type { PayiState } from '../state.ts';
import type { EventFacts } from '../stores/event-store.ts';
import { countRequest, type Limit, type LimitState } from '../stores/limit-store.ts';
import type { UseCase } from '../stores/use-case-store.ts';
import type { IngestItem } from './ingest-item.ts';
import { charge } from './prices.ts';

export interface Accepted {
  row: number;
  duplicate: boolean;
  /** Limit ids to their states after this request. */
  states: Record<string, LimitState> | undefined;
}

/** `insert` tells a known event as a duplicate and charges nothing; `upsert` replaces it and its charge. */
export type IngestMode = 'insert' | 'upsert';

const FUTURE_MS = 5 * 60_000;
const noLimits: string[] = [];

/** Takes in one event whose shape was checked. Returns Pay-i's error when it refuses; nothing is changed then. */
export function ingest(state: PayiState, item: IngestItem, mode: IngestMode, now: number): Accepted | ApiErrorBody {
  const timestamp = item.event_timestamp ? Date.parse(item.event_timestamp) : now;
  if (timestamp > now + FUTURE_MS) {
    return apiError(400, 'invalid_ingest_event_timestamp', 'The event is more than 5 minutes ahead.');
  }
  const limits = limitsOf(state, item.limit_ids ?? noLimits);
  if ('statusCode' in limits) return limits;
  const useCase = useCaseOf(state, item);
  if (useCase && 'statusCode' in useCase) return useCase;

  const known = item.provider_response_id ? state.events.find(item.category, item.provider_response_id) : undefined;
  if (known !== undefined && mode === 'insert') {
    state.events.repeat(known);
    return { row: known, duplicate: true, states: undefined };
  }

  const facts = factsOf(state, item, { timestamp, limits, useCase, now });
  if (known === undefined) {
    const states = countOnLimits(state, facts);
    return { row: state.events.add(item, facts), duplicate: false, states };
  }
  const before = state.events.facts(known);
  if (before) moveCost(state, before, -1);
  moveCost(state, facts, 1);
  state.events.replace(known, item, facts);
  return { row: known, duplicate: false, states: undefined };
}

function limitsOf(state: PayiState, ids: string[]): Limit[] | ApiErrorBody {
  const limits = state.limits.set(ids);
  if (!limits) return apiError(400, 'invalid_limit_ids', 'A limit id is unknown.');
  if (limits.length > 1 && new Set(limits).size < limits.length) {
    return apiError(400, 'duplicate_limit_id', 'A limit id is listed twice.');
  }
  if (limits.some((limit) => limit.type === 'block')) {
    return apiError(400, 'blocking_limit_not_allowed', 'Limits that block act only in the proxy.');
  }
  return limits;
}

function useCaseOf(state: PayiState, item: IngestItem): UseCase | ApiErrorBody | undefined {
  if (!item.use_case_name) {
    return item.use_case_id ? apiError(400, 'request_processing_error', 'use_case_id needs use_case_name.') : undefined;
  }
  const known = state.useCases.byName.get(item.use_case_name);
  if (known) return known;
  if (state.options.unknownUseCase === 'refuse') {
    return apiError(404, 'use_case_not_found', 'There is no use case with this name.');
  }
  return state.useCases.isName(item.use_case_name)
    ? state.useCases.create(item.use_case_name, item.use_case_name)
    : apiError(400, 'invalid_use_case_name', 'The name of the use case is not a name.');
}

function factsOf(
  state: PayiState,
  item: IngestItem,
  found: { timestamp: number; limits: Limit[]; useCase: UseCase | undefined; now: number },
): EventFacts {
  const { timestamp, useCase, now } = found;
  const status = item.http_status_code ?? 200;
  const price = item.resource ? state.prices.at(item.category, item.resource, timestamp) : undefined;
  return {
    charge: isFailed(status) ? { input: 0, output: 0, unknownUnits: undefined } : charge(price, item.units),
    price,
    timestamp,
    instance:
      useCase && state.useCases.touch(useCase, item.use_case_id ?? undefined, item.use_case_version ?? undefined, now),
    limits: found.limits,
    status,
    step: item.use_case_step ?? undefined,
    user: item.user_id ?? undefined,
    account: item.account_name ?? undefined,
  };
}

/** 299 is what Pay-i's own SDK reports where the provider gave no status. */
const isFailed = (status: number): boolean => status >= 400 || status === 299;

/** The limits that an event counts against: those it names, and its instance's own. */
function limitsOfEvent(state: PayiState, facts: EventFacts): Limit[] {
  const own = facts.instance === undefined ? undefined : state.useCases.autoLimit(facts.instance);
  return own ? [...facts.limits, own] : facts.limits;
}

function countOnLimits(state: PayiState, facts: EventFacts): Record<string, LimitState> | undefined {
  const limits = limitsOfEvent(state, facts);
  if (limits.length === 0) return undefined;
  const { input, output } = facts.charge;
  const states: Record<string, LimitState> = {};
  for (const limit of limits) states[limit.id] = countRequest(limit, input, output, isFailed(facts.status));
  return states;
}

/** An update moves the cost; it does not count as a further request. */
function moveCost(state: PayiState, facts: EventFacts, sign: 1 | -1): void {
  for (const limit of limitsOfEvent(state, facts)) {
    limit.input += sign * facts.charge.input;
    limit.output += sign * facts.charge.output;
  }
}
