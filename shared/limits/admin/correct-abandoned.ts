import { z } from 'zod';
import { unitOf } from '../policies/limit-id.ts';
import { describeAmount, figuresOf, fromFigure, type LimitUnit, toFigure } from '../policies/units.ts';
import { changeState, type StateDeps } from '../state/change-state.ts';
import { changeRowOf } from '../state/limit-changes.ts';
import { levelOf, lowerShare, shareOf, spentOf } from '../state/limit-math.ts';
import type { StateRow } from '../state/limit-rows.ts';
import { LimitError, limitNotFound } from './reset-limit.ts';

/** What of a limit's spending is to be replaced: budget of processes that died, booked as spent since nobody knew better (L2). */
export const correctionSchema = z.union([
  z.strictObject({
    /** What is booked, as `GET /api/limits/{id}` says it: a correction of something else is refused. */
    abandonedUsd: z.number().positive(),
    /** What those calls really cost, for example by the provider's own bill. Often 0. */
    actualUsd: z.number().nonnegative(),
  }),
  /** The same for a limit that does not count USD. */
  z.strictObject({ abandoned: z.number().int().positive(), actual: z.number().int().nonnegative() }),
]);
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
  correction: Correction,
): Promise<StateRow> {
  const unit = unitOf(limitId);
  const { abandoned, actual } = amountsOfCorrection(unit, correction);
  const amount = (of: bigint) => describeAmount(unit, toFigure(unit, of));
  return changeState(means, limitId, (state) => {
    if (state.maxNano === 0n && state.settledNano === 0n) throw limitNotFound(limitId);
    if (state.abandonedNano !== abandoned) {
      const text = `${amount(state.abandonedNano)} of ${limitId} are booked for calls of unknown outcome, not ${amount(abandoned)}. Look again.`;
      throw new LimitError('abandoned_differs', text, {
        status: 409,
        details: figuresOf(unit, { abandoned: state.abandonedNano }),
      });
    }
    if (actual > state.abandonedNano) {
      const text = `The calls were held at ${amount(abandoned)}; what they took must be at most that.`;
      throw new LimitError('invalid_correction', text, { status: 400 });
    }
    const settledNano = state.settledNano - state.abandonedNano + actual;
    const next = { ...state, settledNano, abandonedNano: 0n, history: '', figuresAtMs: means.clock.now() };
    // What it will cross once more is to be reported once more.
    next.level = Math.min(state.level, levelOf(spentOf(next), next));
    next.announced = Math.min(state.announced, next.level);
    lowerShare(next, shareOf(spentOf(next), next));
    return { state: next, also: [changeRowOf('corrected', who, state, next, means.clock.now())] };
  });
}

function amountsOfCorrection(unit: LimitUnit, correction: Correction): { abandoned: bigint; actual: bigint } {
  const isUsd = 'abandonedUsd' in correction;
  if (isUsd !== (unit === 'usd')) {
    const text = `A correction of a limit in ${unit === 'usd' ? 'USD must have abandonedUsd and actualUsd' : `${unit} must have abandoned and actual`}.`;
    throw new LimitError('invalid_correction', text, { status: 400 });
  }
  const [abandoned, actual] = isUsd
    ? [correction.abandonedUsd, correction.actualUsd]
    : [correction.abandoned, correction.actual];
  return { abandoned: fromFigure(unit, abandoned), actual: fromFigure(unit, actual) };
}
