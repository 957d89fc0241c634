import { asModelId } from '../model-id.ts';
import { type AnswerReading, emptyReading, isComplete, noteBlock } from './answer-reading.ts';
import { chatNames, fieldsOf, readOpenAiUsage } from './openai-usage.ts';

/** Reads a whole chat completion. Any other body gives a reading that is not complete. */
export function readChatCompletion(body: unknown): AnswerReading {
  const reading = emptyReading();
  const answer = fieldsOf(body);
  noteNames(reading, answer);
  reading.usage = readOpenAiUsage(answer['usage'], chatNames, answer['service_tier']);
  reading.failed = isError(answer);
  reading.complete = isComplete(reading.usage);
  if (!reading.complete) noteBlock(reading, answer['choices'] ?? body);
  return reading;
}

/** The id and the model of an answer or of a part of it; the first that is said counts. */
export function noteNames(reading: AnswerReading, { id, model }: Record<string, unknown>): void {
  if (typeof id === 'string' && id !== '') reading.id ??= id;
  reading.model ??= asModelId(model);
}

/** Providers answer errors in a body with status 200 and in the middle of a stream. */
export const isError = ({ error }: Record<string, unknown>): boolean => typeof error === 'object' && error !== null;
