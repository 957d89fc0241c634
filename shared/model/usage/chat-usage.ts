import { asModelId } from '../model-id.ts';
import { type AnswerReading, emptyReading, isComplete, noteBlock } from './answer-reading.ts';
import { readCount } from './count.ts';
import { type ChargedCount, emptyUsage } from './usage.ts';

/** Reads a chat completion's usage. Its `prompt_tokens` include the cached ones, which are priced apart. */
export function readChatCompletion(body: unknown): AnswerReading {
  const reading = emptyReading();
  const answer = fields(body);
  const usage = fields(answer['usage']);
  const prompt = readCount(usage['prompt_tokens']);
  const output = readCount(usage['completion_tokens']);
  if (typeof answer['id'] === 'string' && answer['id'] !== '') reading.id = answer['id'];
  reading.model = asModelId(answer['model']);
  reading.failed = typeof answer['error'] === 'object' && answer['error'] !== null;
  const cached = readCount(fields(usage['prompt_tokens_details'])['cached_tokens']);
  const cacheRead = cached?.readable ? Math.min(prompt?.value ?? 0, cached.value) : 0;
  const unreadable: ChargedCount[] = [];
  if (prompt?.readable === false) unreadable.push('input');
  if (output?.readable === false) unreadable.push('output');
  reading.usage = {
    ...emptyUsage,
    input: prompt && prompt.value - cacheRead,
    cacheRead,
    output: output?.value ?? null,
    unreadable,
  };
  reading.complete = isComplete(reading.usage);
  if (!reading.complete) noteBlock(reading, answer['choices'] ?? body);
  return reading;
}

const fields = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
