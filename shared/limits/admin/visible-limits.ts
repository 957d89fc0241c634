import type { Caller } from '../../identity/caller.ts';
import type { LimitService } from '../limit-service.ts';
import { changesOf, type LimitChange } from '../state/limit-changes.ts';
import { allLimits, type LimitDetails, limitDetails, limitsOfCaller } from './admin.ts';
import type { LimitView } from './list-limits.ts';

/** The limits that a caller may see: all of them for an admin, else those that the caller's calls count against. */
export const readVisibleLimits = (limits: LimitService, caller: Caller): Promise<LimitView[]> =>
  caller.role === 'admin' ? allLimits(limits) : limitsOfCaller(limits, caller);

/**
 * One limit; for an admin with the changes that admins made to its figures.
 * @throws LimitError 404 also when it is not one of the caller's
 */
export async function readVisibleLimit(
  limits: LimitService,
  caller: Caller,
  limitId: string,
): Promise<LimitDetails & { changes?: LimitChange[] }> {
  const details = await limitDetails(limits, limitId, caller);
  return caller.role === 'admin' ? { ...details, changes: await changesOf(limits.limits, limitId) } : details;
}

/** The figures of a limit before and after the last change that an admin made to them. */
export async function lastChange(
  { limits }: LimitService,
  limitId: string,
): Promise<{ before?: LimitChange['from']; after?: LimitChange['to'] }> {
  const [last] = await changesOf(limits, limitId);
  return last ? { before: last.from, after: last.to } : {};
}
