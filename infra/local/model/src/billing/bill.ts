import type Anthropic from '@anthropic-ai/sdk';
import type { ModelFacts } from '../messages/models.ts';
import type { StreamEvent } from '../messages/stream.ts';
import { textTokens } from '../messages/tokens.ts';
import type { Sampling } from './other-samplings.ts';

/** What the provider bills one model for, of one call. In tokens and searches. */
export interface BillLine {
  for: 'answer' | 'declined' | 'advice' | 'summary';
  model: string;
  input: number;
  cacheWrite: number;
  /** Of `cacheWrite` what was written for an hour. */
  cacheWrite1h: number;
  cacheRead: number;
  output: number;
  searches: number;
}

/** Of a whole answer: the counts of its usage, and what is not in them. A declined attempt and advice are paid at their own model. */
export function wholeBill(
  { model, usage }: Pick<Anthropic.Message, 'model' | 'usage'>,
  others: Sampling[],
): BillLine[] {
  const answered: BillLine = { ...lineOf(model, usage), searches: usage.server_tool_use?.web_search_requests ?? 0 };
  return [
    answered,
    ...others.map(({ type, model: other, prompt, output }) => ({
      for: reasons[type],
      model: type === 'compaction' ? model : other.id,
      input: prompt.uncached,
      cacheWrite: prompt.written5m + prompt.written1h,
      cacheWrite1h: prompt.written1h,
      cacheRead: prompt.read,
      output,
      searches: 0,
    })),
  ];
}

/** A bill that grows with the events of a stream, for one that is cut off: the prompt in full, and the output that was sent. */
export class RunningBill {
  readonly #facts: ModelFacts;
  readonly #line: BillLine;
  readonly #whole: BillLine[];
  #text = '';
  #isWhole = false;

  constructor(facts: ModelFacts, begun: BillLine, whole: BillLine[]) {
    this.#facts = facts;
    this.#line = { ...begun };
    this.#whole = whole;
  }

  /** An event has been sent. */
  add({ type, delta, content_block: block }: StreamEvent): void {
    if (type === 'message_delta') this.#isWhole = true;
    if (type === 'content_block_start' && Object(block).type === 'web_search_tool_result') this.#line.searches += 1;
    const { text, thinking, partial_json: json } = Object(delta) as Record<string, unknown>;
    for (const piece of [text, thinking, json]) if (typeof piece === 'string') this.#text += piece;
  }

  get lines(): BillLine[] {
    return this.#isWhole ? this.#whole : [{ ...this.#line, output: textTokens(this.#text, this.#facts) }];
  }
}

const reasons = { message: 'declined', advisor_message: 'advice', compaction: 'summary' } as const;

/** Of the model that a usage is of. */
export const lineOf = (model: string, usage: Anthropic.Usage): BillLine => ({
  for: 'answer',
  model,
  input: usage.input_tokens,
  cacheWrite: usage.cache_creation_input_tokens ?? 0,
  cacheWrite1h: usage.cache_creation?.ephemeral_1h_input_tokens ?? 0,
  cacheRead: usage.cache_read_input_tokens ?? 0,
  output: usage.output_tokens,
  searches: 0,
});
