import type { z } from 'zod';
import { answerIn } from './answer-text.ts';
import type { Reading } from './read-answer.ts';
import { type AnswerShape, faultOf, readShape } from './shape.ts';

/** What one call's answer was read as. */
export interface AnswerAttempt<T> {
  reading: Reading<T>;
  /** What is wrong with it, for the model; absent when nothing is. */
  fault: string | undefined;
}

/** An attempt without anything to read. */
export const failed = (fault: string): AnswerAttempt<never> => ({
  reading: { value: undefined, problems: [], long: [] },
  fault,
});

/** Finds the answer in a text (`answerIn`) and reads it. */
export function attemptIn<S extends z.ZodObject>(
  shape: AnswerShape<S>,
  text: string,
  mark: string | undefined,
): AnswerAttempt<z.output<S>> {
  const found = answerIn(text, mark);
  if (found.fault !== undefined) return failed(found.fault);
  const reading = readShape(shape, found.answer);
  return { reading, fault: faultOf(reading) };
}
