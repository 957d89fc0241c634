import type Anthropic from '@anthropic-ai/sdk';
import type { z } from 'zod';
import type { Progress } from '../../http/event-stream.ts';
import type { AnthropicLoader } from '../../model/clients/load-anthropic.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { trackContext } from '../../tracking/context.ts';
import { type AnswerAttempt, attemptIn, failed } from '../reading/answer-attempt.ts';
import { createMark, inWords, lastText } from '../reading/answer-text.ts';
import type { AnswerShape } from '../reading/shape.ts';
import { refused } from './errors.ts';
import { type Searches, searchesOf } from './searches.ts';
import { type Settled, settle } from './settle.ts';
import { takesStructuredOutput } from './structured.ts';
import { type Turns, takeTurns } from './turns.ts';
import { asData, DATA_RULE } from './user-data.ts';

export interface Question<S extends z.ZodObject> {
  model: string;
  system: string;
  content: Anthropic.ContentBlockParam[];
  /** Tokens for thinking and answer together. */
  maxTokens: number;
  shape: AnswerShape<S>;
  tools?: Anthropic.ToolUnion[];
}

export type Asked<T> = Settled<T> & {
  /** All text of the model's answer. */
  text: string;
  searches: Searches;
  /** Whether the first answer could not be read as a whole. */
  repaired: boolean;
};

/** Room for a second attempt where the first one was all thinking. */
const MORE_TOKENS = 2;

/**
 * A question answered in the shape that was asked for. An answer that can't be read as a whole, or was cut off, gets one more
 * call: what it says is written down again as JSON, without images and without searching, and fills in what was unreadable.
 * What stays unreadable is reported as unknown.
 * @throws AnswerError when it was declined, or can't be used even then.
 */
export async function ask<S extends z.ZodObject>(
  { anthropic, telemetry }: { anthropic: AnthropicLoader; telemetry: Telemetry },
  question: Question<S>,
  progress: Progress,
  signal: AbortSignal,
): Promise<Asked<z.output<S>>> {
  const { shape } = question;
  const first = await attempt(question, (params) => takeTurns(anthropic, params, progress, signal));
  const searches = searchesOf(first.turns.blocks);
  if (first.fault === undefined)
    return { ...settle(shape, telemetry, first), text: first.text, searches, repaired: false };
  // One call more at most: nothing of it is continued.
  const second = await trackContext({ useCaseStep: 'repair' }, () =>
    attempt(repairOf(question, first), (params) => takeTurns(anthropic, params, progress, signal, 0)),
  );
  const settled = settle(shape, telemetry, first, second);
  return {
    ...settled,
    warnings: mayLack(question, first) ? [CUT_OFF, ...settled.warnings] : settled.warnings,
    text: first.reading.value === undefined ? second.text : first.text,
    searches: merged(searches, second.turns),
    repaired: true,
  };
}

const CUT_OFF = "The AI model's answer was cut off: what stood at its end may be missing here.";

interface ModelAttempt<T> extends AnswerAttempt<T> {
  turns: Turns;
  text: string;
  /** Whether it ended before the model was done. */
  cutOff: boolean;
}

async function attempt<S extends z.ZodObject>(
  question: Question<S>,
  take: (params: Anthropic.MessageCreateParamsNonStreaming) => Promise<Turns>,
): Promise<ModelAttempt<z.output<S>>> {
  const mark = takesFormat(question) ? undefined : createMark();
  const turns = await take(paramsOf(question, mark));
  if (turns.stopReason === 'refusal') throw refused();
  const text = turns.blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
  const cutOff = turns.stopReason !== 'end_turn' && turns.stopReason !== 'stop_sequence';
  const read = cutOff ? failed('it was cut off') : attemptIn(question.shape, lastText(turns.blocks), mark);
  return { turns, text, cutOff, ...read };
}

/** Whether the second call wrote down an answer whose end nobody saw. */
const mayLack = <S extends z.ZodObject>(question: Question<S>, first: ModelAttempt<unknown>): boolean =>
  first.cutOff && !asksAgain(question, first);

/**
 * An answer without any text is asked for once more, and so is one that was cut off: nobody knows its end, such as that of a
 * route. Where searches were paid for it, it is written down as far as it goes.
 */
const asksAgain = <S extends z.ZodObject>(
  { tools }: Question<S>,
  { text, cutOff }: Pick<ModelAttempt<unknown>, 'text' | 'cutOff'>,
): boolean => text.trim() === '' || (cutOff && !tools);

/** Web search always cites, and citations can't be told apart inside a constrained answer. */
const takesFormat = <S extends z.ZodObject>({ tools, model }: Question<S>): boolean =>
  !tools && takesStructuredOutput(model);

function paramsOf<S extends z.ZodObject>(
  { model, maxTokens, system, content, tools, shape }: Question<S>,
  mark: string | undefined,
): Anthropic.MessageCreateParamsNonStreaming {
  return {
    model,
    max_tokens: maxTokens,
    system: mark === undefined ? system : `${system}\n\n${inWords(mark, shape.jsonSchema)}`,
    messages: [{ role: 'user', content }],
    ...(tools && { tools }),
    ...(mark === undefined && { output_config: { format: { type: 'json_schema', schema: shape.jsonSchema } } }),
  };
}

/** The second call: the question once more (`asksAgain`), or the answer to be written down again. */
function repairOf<S extends z.ZodObject>(question: Question<S>, first: ModelAttempt<unknown>): Question<S> {
  if (asksAgain(question, first)) return { ...question, maxTokens: question.maxTokens * MORE_TOKENS };
  const { model, maxTokens, shape } = question;
  return {
    model,
    maxTokens,
    shape,
    system: `You turn a text into JSON of a given schema. Keep what the text says and add nothing: what it does not say \
is an empty text or an empty list. Keep every entry of its lists, in its order. Where a value is not clear, take the more \
careful one: harder, more dangerous, less coverage. Where the text breaks off, leave out what is incomplete. The text is an \
answer that a program could not read; an object that it only quotes is not the answer.\n\n${DATA_RULE}`,
    content: [{ type: 'text', text: `What was wrong with it: ${first.fault ?? ''}.\n\n${asData('text', first.text)}` }],
  };
}

const merged = (searches: Searches, turns: Turns): Searches => {
  const more = searchesOf(turns.blocks);
  return {
    answered: searches.answered + more.answered,
    errors: [...searches.errors, ...more.errors],
    urls: new Set([...searches.urls, ...more.urls]),
  };
};
