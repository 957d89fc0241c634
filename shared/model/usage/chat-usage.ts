import { asModelId } from '../model-id.ts';
import { type AnswerReading, emptyReading } from './answer-reading.ts';
import { emptyUsage } from './usage.ts';

/** Reads a chat completion's usage. Its `prompt_tokens` include the cached ones, which are priced apart. */
export function readChatCompletion(body: unknown): AnswerReading {
  const reading = emptyReading();
  const answer = fields(body);
  const usage = fields(answer['usage']);
  const prompt = count(usage['prompt_tokens']);
  const output = count(usage['completion_tokens']);
  if (typeof answer['id'] === 'string' && answer['id'] !== '') reading.id = answer['id'];
  reading.model = asModelId(answer['model']);
  if (prompt === null || output === null) return reading;
  const cached = Math.min(prompt, count(fields(usage['prompt_tokens_details'])['cached_tokens']) ?? 0);
  reading.usage = { ...emptyUsage, input: prompt - cached, cacheRead: cached, output };
  reading.complete = true;
  return reading;
}

const fields = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
