import { randomBytes } from 'node:crypto';
import type Anthropic from '@anthropic-ai/sdk';
import { findJsonFault } from '../../util/json/json-faults.ts';
import { isRecord } from '../../util/json/record.ts';

/** The text around an answer: what a web page or a photo says cannot know it. */
export const createMark = (): string => `answer-${randomBytes(6).toString('hex')}`;

/** How a model that takes no structured output is asked for one. */
export const inWords = (mark: string, schema: Record<string, unknown>): string =>
  `End with your answer: one JSON object between <${mark}> and </${mark}>, with nothing else between them. Write these \
two tags once and nowhere else. The schema of the object:\n${JSON.stringify(schema)}`;

export type FoundAnswer =
  | { answer: Record<string, unknown>; fault?: undefined }
  | { answer?: undefined; fault: string };

/**
 * The answer in a text. Its form decides, never its place among others: the one marked place, or a text that is nothing but one
 * JSON object. So an object that the text quotes from a page or a photo cannot become the answer.
 */
export function answerIn(text: string, mark?: string): FoundAnswer {
  const marked = mark === undefined ? undefined : text.split(new RegExp(`</?${mark}>`));
  if (marked && marked.length > 1)
    return marked.length === 3 && text.indexOf(`</${mark}>`) > text.indexOf(`<${mark}>`)
      ? objectIn(marked[1] ?? '')
      : { fault: 'the tags of the answer must be there once' };
  return objectIn(text);
}

const fence = /^```(?:json)?\n([^`]*)\n?```$/i;
const most = { depth: 32, values: 20_000 };

function objectIn(text: string): FoundAnswer {
  const trimmed = text.trim();
  const json = fence.exec(trimmed)?.[1] ?? trimmed;
  if (json === '') return { fault: 'the answer is missing' };
  const fault = findJsonFault(Buffer.from(json), most);
  if (fault?.kind === 'duplicate') return { fault: `the member ${fault.key} must be there once` };
  if (fault) return { fault: 'the answer is too deep or too long' };
  const value = parsed(json);
  return isRecord(value) ? { answer: value } : { fault: 'the answer must be one JSON object' };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // Prose, or cut off: not an object.
  }
}

/** The text behind the last search or tool: what came before is on the way to the answer. Citations split a text, so it is joined. */
export function lastText(blocks: Anthropic.ContentBlock[]): string {
  const from = blocks.findLastIndex((block) => block.type !== 'text') + 1;
  return blocks
    .slice(from)
    .flatMap((block) => (block.type === 'text' ? [block.text] : []))
    .join('');
}
