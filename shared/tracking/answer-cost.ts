import type { Units } from '../events/usage-event.ts';
import type { RequestShape } from '../model/request/request-shape.ts';
import type { AnswerReading } from '../model/usage/answer-reading.ts';
import type { Modifier } from '../pricing/price-row.ts';
import { priceUnits } from '../pricing/price-units.ts';

interface Used {
  reading: AnswerReading;
  /** ms, UTC. */
  atMs: number;
  units: Units;
  modifiers: readonly Modifier[];
  shape: RequestShape;
}

/** nano-USD of units of an answer by the price book; null where unknown. */
export function answerCost({ reading: { model }, atMs, units, modifiers, shape }: Used): bigint | null {
  // A model that answers has its own price or none, never that of the requested one.
  return priceUnits({ units, atMs, modifiers, model: model ?? shape.model });
}
