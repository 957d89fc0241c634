import { z } from 'zod';
import { fromUsd, toUsd } from '../../util/money.ts';
import { changeState, type StateDeps } from '../state/change-state.ts';
import { changeRowOf } from '../state/limit-changes.ts';
import { levelOf, spentOf } from '../state/limit-math.ts';
import type { StateRow } from '../state/limit-rows.ts';
import { LimitError, limitNotFound } from './reset-limit.ts';

/** What of a limit's spending is to be replaced: budget of processes that died, booked as spent since nobody knew better (L2). */
export const correctionSchema = z.strictObject({
  /** What is booked, as `GET /api/limits/{id}` says it: a correction of something else is refused. */
  abandonedUsd: z.number().positive(),
  /** What those calls really cost, for example by the provider's own bill. Often 0. */
  actualUsd: z.number().nonnegative(),
});
export type Correction = z.infer<typeof correctionSchema>;

/**
 * Replaces what is booked for calls of unknown outcome by what they cost. The rest has room again at once; Pay-i is not
 * told, since it never counted them. `who` stands in the limit's trail.
 * @throws LimitError 404 for an unknown limit, 409 when another amount is booked by now (also by a repetition)
 */
export async function correctAbandoned(
  means: StateDeps,
  limitId: string,
  who: string,
  { abandonedUsd, actualUsd }: Correction,
): Promise<StateRow> {
  const actual = fromUsd(actualUsd);
  return changeState(means, limitId, (state) => {
    if (state.maxNano === 0n && state.settledNano === 0n) throw limitNotFound(limitId);
    if (state.abandonedNano !== fromUsd(abandonedUsd)) {
      const text = `${toUsd(state.abandonedNano)} USD of ${limitId} are booked for calls of unknown outcome, not ${abandonedUsd}. Look again.`;
      throw new LimitError('abandoned_differs', text, {
        status: 409,
        details: { abandonedUsd: toUsd(state.abandonedNano) },
      });
    }
    if (actual > state.abandonedNano) {
      const text = `The calls were held at ${abandonedUsd} USD; actualUsd must be at most that.`;
      throw new LimitError('invalid_correction', text, { status: 400 });
    }
    const settledNano = state.settledNano - state.abandonedNano + actual;
    const next = { ...state, settledNano, abandonedNano: 0n, figuresAtMs: means.clock.now() };
    // What it will cross once more is to be reported once more.
    next.level = Math.min(state.level, levelOf(spentOf(next), next));
    next.announced = Math.min(state.announced, next.level);
    return { state: next, also: [changeRowOf('corrected', who, state, next, means.clock.now())] };
  });
}
