import type { z } from 'zod';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { getContext } from '../../tracking/context.ts';
import type { AnswerAttempt } from '../reading/answer-attempt.ts';
import { mend } from '../reading/mend.ts';
import type { Reading } from '../reading/read-answer.ts';
import { type AnswerShape, checked } from '../reading/shape.ts';
import { type Unknowns, unknownsOf } from '../reading/unknowns.ts';
import { unreadable } from './errors.ts';

export type Settled<T> = Unknowns & { answer: T };

/**
 * The answer of one call, or of two where the first could not be read as a whole, and what of it stays unknown. Counts how it was
 * read in `answers-read`: the share of answers that need a repair is that of all but `first`.
 * @throws AnswerError when too much is unknown for it to be of use.
 */
export function settle<S extends z.ZodObject>(
  shape: AnswerShape<S>,
  telemetry: Telemetry,
  first: AnswerAttempt<z.output<S>>,
  second?: AnswerAttempt<z.output<S>>,
): Settled<z.output<S>> {
  // Where the first is of no use with its gaps filled, the second may be by itself.
  const readings = second ? [checked(shape, mend(first.reading, second.reading)), second.reading] : [first.reading];
  const settled = readings.flatMap((reading) => usable(shape, reading))[0];
  const outcome = !settled ? 'unreadable' : settled.unknown.length > 0 ? 'unknown' : second ? 'repaired' : 'first';
  telemetry.count('answers-read', 1, { useCase: getContext()?.useCase?.name ?? 'none', reading: outcome });
  if (!settled) throw unreadable(shape.unreadableText, second?.fault ?? first.fault ?? 'not readable');
  return settled;
}

function usable<S extends z.ZodObject>(shape: AnswerShape<S>, reading: Reading<z.output<S>>): Settled<z.output<S>>[] {
  const { value } = reading;
  const unknowns = unknownsOf(reading);
  return value !== undefined && shape.usable(value, new Set(unknowns.unknown)) ? [{ answer: value, ...unknowns }] : [];
}
