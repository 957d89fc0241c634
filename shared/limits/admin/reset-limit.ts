import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import type { Limits } from '../../payi/limits.ts';
import { PayiError } from '../../payi/transport/error.ts';
import { parseLimitId } from '../policies/limit-id.ts';
import { changeState, readState, type StateDeps } from '../state/change-state.ts';
import { changeRowOf } from '../state/limit-changes.ts';
import type { StateRow } from '../state/limit-rows.ts';

/** A limit can't be found, or not be reset. */
export class LimitError extends TrailmeterError {}

export const limitNotFound = (limitId: string): LimitError =>
  new LimitError('limit_not_found', `There is no limit ${limitId}. GET /api/limits lists those there are.`, {
    status: 404,
  });

/** `id`: of a limit or a policy. */
export const hasWindow = (id: string): LimitError =>
  new LimitError('limit_has_window', `The limit ${id} has a window; a new one starts by itself.`, { status: 409 });

/**
 * Sets what a limit without a window has spent to 0, at Pay-i and here; what calls in flight hold stays held. Pay-i goes
 * first: when this ends in between, the limit counts too much until it is repeated. With a `resetId` a repetition after
 * success does nothing. `payi` is undefined for a limit that does not exist there. `who` stands in the limit's trail.
 * @throws LimitError 409 for a limit with a window
 */
export async function resetLimit(
  { payi, ...means }: StateDeps & { payi: Pick<Limits, 'reset' | 'get'> | undefined },
  limitId: string,
  who: string,
  resetId = '',
): Promise<StateRow> {
  const state = await readState(means.limits, limitId);
  if (parseLimitId(limitId)?.period !== 'always') throw hasWindow(limitId);
  if (state && resetId !== '' && state.resetId === resetId) return state;
  try {
    await payi?.reset(limitId);
  } catch (error) {
    // No event has named it yet, so it was not made there.
    if (!(error instanceof PayiError) || error.kind !== 'rejected') throw error;
    if (await payi?.get(limitId)) throw error;
  }
  return changeState(means, limitId, (now) => {
    if (resetId !== '' && now.resetId === resetId) return undefined;
    const next = { ...cleared(now, resetId), figuresAtMs: means.clock.now() };
    return { state: next, also: [changeRowOf('reset', who, now, next, means.clock.now())] };
  });
}

const cleared = (state: StateRow, resetId: string): StateRow => ({
  ...state,
  settledNano: 0n,
  abandonedNano: 0n,
  missedNano: 0n,
  reportedNano: 0n,
  payiNano: 0n,
  payiReportedNano: 0n,
  payiRequests: '{}',
  history: '',
  ...(state.share !== undefined && { share: 0, shareAnnounced: 0 }),
  level: 0,
  announced: 0,
  refusedNano: 0n,
  epoch: state.epoch + 1,
  resetId,
});
