import { readCount } from './count.ts';
import { type ChargedCount, emptyUsage, type Usage } from './usage.ts';

type Fields = Record<string, unknown>;

/** The names of the counts: chat completions and embeddings have other ones than responses. */
interface Names {
  input: string;
  output: string;
}

export const chatNames: Names = { input: 'prompt_tokens', output: 'completion_tokens' };
export const responseNames: Names = { input: 'input_tokens', output: 'output_tokens' };

/**
 * A `usage` of OpenAI's APIs. Its input includes what was read from a cache and written to one, which are priced apart. Google
 * and xAI leave reasoning out of the output and count it in the total: the larger of both counts.
 */
export function readOpenAiUsage(value: unknown, { input, output }: Names, serviceTier: unknown): Usage {
  const usage = fieldsOf(value);
  const prompt = readCount(usage[input]);
  const answer = readCount(usage[output]);
  const total = readCount(usage['total_tokens']);
  const inputs = fieldsOf(usage[`${input}_details`]);
  const read = readCount(inputs['cached_tokens']);
  const written = readCount(inputs['cache_write_tokens']);
  const reasoning = readCount(fieldsOf(usage[`${output}_details`])['reasoning_tokens']);
  const cacheRead = read?.readable ? Math.min(prompt?.value ?? 0, read.value) : 0;
  const rest = (prompt?.value ?? 0) - cacheRead;
  const cacheWrite = written?.readable ? Math.min(rest, written.value) : 0;
  const answered = answer && Math.max(answer.value, total?.readable ? total.value - (prompt?.value ?? 0) : 0);
  const unreadable: ChargedCount[] = [];
  if (prompt?.readable === false) unreadable.push('input');
  if (answer?.readable === false) unreadable.push('output');
  if (written?.readable === false) unreadable.push('cacheWrite');
  return {
    ...emptyUsage,
    input: prompt && rest - cacheWrite,
    cacheRead,
    cacheWrite,
    output: answered,
    reasoning: reasoning?.readable ? Math.min(answered ?? 0, reasoning.value) : null,
    serviceTier: typeof serviceTier === 'string' ? serviceTier : null,
    unreadable,
  };
}

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
