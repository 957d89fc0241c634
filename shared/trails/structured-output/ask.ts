import type Anthropic from '@anthropic-ai/sdk';
import type { Progress } from '../../http/event-stream.ts';
import { refused, unreadable } from './errors.ts';
import type { Field } from './fields.ts';
import { jsonCandidates } from './json-candidates.ts';
import { type Searches, searchesOf } from './searches.ts';
import { takesStructuredOutput } from './structured.ts';
import { type Turns, takeTurns } from './turns.ts';
import { asData, DATA_RULE } from './user-data.ts';

/** What an answer has to be. */
export interface AnswerShape<T> {
  field: Field<T>;
  /** What is wrong with it that no default can make good, e.g. that there is no rating at all. */
  flaw(raw: Record<string, unknown>): string | undefined;
  /** What people read when it stays unreadable. */
  unreadableText: string;
}

export interface Question<T> {
  model: string;
  system: string;
  content: Anthropic.ContentBlockParam[];
  /** Tokens for thinking and answer together. */
  maxTokens: number;
  shape: AnswerShape<T>;
  tools?: Anthropic.ToolUnion[];
}

export interface Asked<T> {
  answer: T;
  /** All text of the model's answer. */
  text: string;
  searches: Searches;
  /** Whether the first answer could not be read. */
  repaired: boolean;
}

/** Room for a second attempt where the first one was all thinking. */
const MORE_TOKENS = 2;

/**
 * A question answered in the shape that was asked for. An answer that can't be read, or was cut off, gets one more
 * attempt: what it says is written down again as JSON, without images and without searching.
 * @throws AnswerError when it was declined, or is unusable even then.
 */
export async function ask<T>(
  anthropic: Anthropic,
  question: Question<T>,
  progress: Progress,
  signal: AbortSignal,
): Promise<Asked<T>> {
  const first = await takeTurns(anthropic, firstParams(question), progress, signal);
  const searches = searchesOf(first.blocks);
  const { text, answer, reason } = reading(first, question.shape);
  if (answer !== undefined) return { answer, text, searches, repaired: false };
  const params = text.trim() === '' ? secondAttempt(question) : rewriting(question, text, reason);
  const second = await takeTurns(anthropic, params, progress, signal);
  const again = reading(second, question.shape);
  if (again.answer === undefined) throw unreadable(question.shape.unreadableText, again.reason);
  return { answer: again.answer, text: again.text, searches: merged(searches, second), repaired: true };
}

function reading<T>(turns: Turns, shape: AnswerShape<T>): { text: string; answer?: T; reason: string } {
  if (turns.stopReason === 'refusal') throw refused();
  const texts = turns.blocks.flatMap((block) => (block.type === 'text' ? [block.text] : []));
  const text = texts.join('');
  if (turns.stopReason !== 'end_turn' && turns.stopReason !== 'stop_sequence') return { text, reason: 'cut off' };
  const candidates = jsonCandidates(text);
  // The last one counts: a model that corrects itself does so later. Citations split a text, a search ends one.
  const usable = [...candidates, ...texts.flatMap(jsonCandidates)].findLast((raw) => shape.flaw(raw) === undefined);
  if (usable) return { text, answer: shape.field.read(usable), reason: '' };
  const last = candidates.at(-1);
  return { text, reason: last ? (shape.flaw(last) ?? 'not readable') : 'no JSON object' };
}

function firstParams<T>(question: Question<T>): Anthropic.MessageCreateParamsNonStreaming {
  // Web search always cites, and citations can't be told apart inside a constrained answer.
  const structured = !question.tools && takesStructuredOutput(question.model);
  return {
    model: question.model,
    max_tokens: question.maxTokens,
    system: structured ? question.system : `${question.system}\n\n${inWords(question.shape)}`,
    messages: [{ role: 'user', content: question.content }],
    ...(question.tools && { tools: question.tools }),
    ...(structured && { output_config: { format: { type: 'json_schema', schema: question.shape.field.schema } } }),
  };
}

const inWords = <T>({ field }: AnswerShape<T>): string =>
  `Answer with one JSON object and nothing else: no fence, no prose. Its schema:\n${JSON.stringify(field.schema)}`;

const secondAttempt = <T>(question: Question<T>): Anthropic.MessageCreateParamsNonStreaming => ({
  ...firstParams(question),
  max_tokens: question.maxTokens * MORE_TOKENS,
});

const rewriting = <T>(question: Question<T>, text: string, reason: string) =>
  firstParams<T>({
    model: question.model,
    maxTokens: question.maxTokens,
    shape: question.shape,
    system: `You turn a text into JSON of a given schema. Keep what the text says and add nothing: what it does not \
say is an empty text or an empty list. Where the text breaks off, leave out what is incomplete.\n\n${DATA_RULE}`,
    content: [{ type: 'text', text: `It could not be used so far: ${reason}.\n\n${asData('text', text)}` }],
  });

const merged = (searches: Searches, turns: Turns): Searches => {
  const more = searchesOf(turns.blocks);
  return {
    answered: searches.answered + more.answered,
    errors: [...searches.errors, ...more.errors],
    urls: new Set([...searches.urls, ...more.urls]),
  };
};
