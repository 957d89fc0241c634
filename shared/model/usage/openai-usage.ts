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
  const outputs = fieldsOf(usage[`${output}_details`]);
  const reasoning = readCount(outputs['reasoning_tokens']);
  const cacheRead = read?.readable ? Math.min(prompt?.value ?? 0, read.value) : 0;
  const rest = (prompt?.value ?? 0) - cacheRead;
  const cacheWrite = written?.readable ? Math.min(rest, written.value) : 0;
  const answered = answer && Math.max(answer.value, total?.readable ? total.value - (prompt?.value ?? 0) : 0);
  const unreadable: ChargedCount[] = [];
  if (prompt?.readable === false) unreadable.push('input');
  if (answer?.readable === false) unreadable.push('output');
  if (written?.readable === false) unreadable.push('cacheWrite');
  // A part that cannot be read may be all of it.
  const part = (value: unknown, whole: number, name: ChargedCount): number | null => {
    const count = readCount(value);
    if (count?.readable === false && !unreadable.includes(name)) unreadable.push(name);
    return count && (count.readable ? Math.min(whole, count.value) : whole);
  };
  const heard = part(inputs['audio_tokens'], prompt?.value ?? 0, 'input');
  const plain = rest - cacheWrite;
  return {
    ...emptyUsage,
    input: prompt && plain,
    // As much as can be is taken for sound that was not cached, which costs the most.
    audioInput: heard && Math.min(plain, heard),
    audioCacheRead: heard && Math.min(cacheRead, Math.max(0, heard - plain)),
    imageInput: part(inputs['image_tokens'], plain, 'input'),
    audioOutput: part(outputs['audio_tokens'], answered ?? 0, 'output'),
    imageOutput: part(outputs['image_tokens'], answered ?? 0, 'output'),
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
