import type { Caller } from '../../identity/caller.ts';
import type { LimitService } from '../limit-service.ts';
import { changesOf, type LimitChange } from '../state/limit-changes.ts';
import { type LimitView, type SharedLimitView, viewForUser } from './limit-view.ts';
import {
  allLimits,
  type LimitDetails,
  limitDetails,
  limitsOfCaller,
  type PolicyView,
  pageOfLimits,
} from './read-limits.ts';

/**
 * The limits that a caller may see: all of them and the policies for an admin, else those that the caller's calls count
 * against, without the figures of those that other users share. An admin gets pages where a `limit` is asked for.
 * @throws LimitError 400
 */
export async function readVisibleLimits(
  limits: LimitService,
  caller: Caller,
  { limit, after }: { limit?: number | undefined; after?: string | undefined } = {},
): Promise<{ limits: (LimitView | SharedLimitView)[]; policies?: PolicyView[]; next?: string | null }> {
  if (caller.role === 'admin') return limit === undefined ? allLimits(limits) : pageOfLimits(limits, limit, after);
  return { limits: (await limitsOfCaller(limits, caller)).map(viewForUser) };
}

/**
 * One limit; for an admin with the changes that admins made to its figures, for a user without the figures of a limit that
 * other users share.
 * @throws LimitError 404 also when it is not one of the caller's
 */
export async function readVisibleLimit(
  limits: LimitService,
  caller: Caller,
  limitId: string,
): Promise<(LimitDetails & { changes?: LimitChange[] }) | SharedLimitView> {
  const details = await limitDetails(limits, limitId, caller);
  if (caller.role === 'admin') return { ...details, changes: await changesOf(limits.limits, limitId) };
  // A view of the caller's own limit keeps the counts of requests.
  return viewForUser(details) as LimitDetails | SharedLimitView;
}

/** The figures of a limit before and after the last change that an admin made to them. */
export async function lastChange(
  { limits }: LimitService,
  limitId: string,
): Promise<{ before?: LimitChange['from']; after?: LimitChange['to'] }> {
  const [last] = await changesOf(limits, limitId);
  return last ? { before: last.from, after: last.to } : {};
}
