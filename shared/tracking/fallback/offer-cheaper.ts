import type { HoldRequest } from '../../limits/gate/gate.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { CallForm } from '../../use-cases/use-case.ts';
import type { Attempt, TrackedCall } from '../call.ts';
import { holdRequestOf } from '../holds/hold-request.ts';
import { type CheaperCall, cheaperCalls } from './cheaper-calls.ts';

/** A call that asks for budget. */
export interface Offered {
  call: TrackedCall;
  attempt: Pick<Attempt, 'dialect' | 'countTokens' | 'changes'>;
  eventId: string;
  /** ms, UTC. */
  startedMs: number;
  telemetry: Telemetry;
}

/**
 * Adds the cheaper forms to a request for budget that its use case permits. They are worked out where a limit asks for them.
 * @returns the forms, in the order of `cheaper`
 */
export function offerCheaper(
  request: HoldRequest,
  { call, attempt, eventId, startedMs, telemetry }: Offered,
  permitted: readonly CallForm[],
): () => readonly CheaperCall[] {
  let forms: CheaperCall[] | undefined;
  const formsOf = () => (forms ??= cheaperCalls(call, attempt, permitted, startedMs));
  const { dialect, countTokens } = attempt;
  const requestIn = ({ shape, members }: CheaperCall): HoldRequest => {
    const counting = countTokens && { countTokens: () => countTokens(members()) };
    return holdRequestOf({ ...call, shape }, { dialect, ...counting }, eventId, startedMs, telemetry);
  };
  let requests: HoldRequest[] | undefined;
  if (permitted.length > 0) request.cheaper = () => (requests ??= formsOf().map(requestIn));
  return formsOf;
}
