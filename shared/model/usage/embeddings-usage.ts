import { type AnswerReading, emptyReading, isComplete } from './answer-reading.ts';
import { isError, noteNames } from './chat-usage.ts';
import { chatNames, fieldsOf, readOpenAiUsage } from './openai-usage.ts';

/** Reads an answer with embeddings, whose input alone is paid for. */
export function readEmbeddings(body: unknown): AnswerReading {
  const reading = emptyReading();
  const answer = fieldsOf(body);
  noteNames(reading, answer);
  reading.failed = isError(answer);
  reading.usage = {
    ...readOpenAiUsage(answer['usage'], chatNames, undefined),
    output: reading.failed ? null : 0,
  };
  reading.complete = isComplete(reading.usage);
  return reading;
}
