import type { PayiState } from '../state.ts';
import { requestId } from '../stores/ids.ts';
import { stateOf } from '../stores/limit-store.ts';
import type { Accepted } from './ingest.ts';
import { toUsd } from './prices.ts';

/** What Pay-i returns for one ingested event. */
export function resultOf(state: PayiState, row: number, accepted?: Accepted): Record<string, unknown> | undefined {
  const facts = state.events.facts(row);
  if (!facts) return undefined;
  const { charge } = facts;
  const instance = facts.instance === undefined ? undefined : state.useCases.instance(facts.instance);
  const limits = instance?.limit ? [...facts.limits, instance.limit] : facts.limits;
  const states = limits.map((limit) => [limit.id, { state: accepted?.states?.[limit.id] ?? stateOf(limit) }]);
  return {
    request_id: requestId(row),
    ...(facts.price && { resource_id: facts.price.id }),
    cost: {
      currency: 'usd',
      input: { base: toUsd(charge.input) },
      output: { base: toUsd(charge.output) },
      total: { base: toUsd(charge.input + charge.output) },
    },
    ...(limits.length > 0 && { limits: Object.fromEntries(states), blocked_limit_ids: [] }),
    ...(instance && { use_case_name: instance.useCase.name, use_case_id: instance.id }),
    ...(facts.step && { use_case_step: facts.step }),
    ...(facts.user && { user_id: facts.user }),
    ...(facts.account && { account_name: facts.account }),
    ...(charge.unknownUnits && { unknown_units: charge.unknownUnits }),
    ...(accepted?.duplicate && { duplicate_request: true }),
  };
}
