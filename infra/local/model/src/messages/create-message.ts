import type Anthropic from '@anthropic-ai/sdk';
import type { Feature } from '../answers/feature.ts';
import { sceneFor } from '../answers/scene.ts';
import { type BillLine, wholeBill } from '../billing/bill.ts';
import {
  type Attempt,
  adviceBlocks,
  advisorOf,
  attemptsAt,
  declinedTokens,
  iterationOf,
  type Sampling,
  summaryTokens,
} from '../billing/other-samplings.ts';
import { invalid } from '../errors.ts';
import type { ModelState } from '../exchange.ts';
import { idFrom, type Random, randomFrom } from '../random.ts';
import type { Outcome } from '../script.ts';
import type { PromptTokens } from './cache.ts';
import { createContent } from './content.ts';
import type { Decoded } from './decode-request.ts';
import type { ModelFacts } from './models.ts';
import type { MessageRequest } from './request.ts';
import { containerOf } from './search-by-code.ts';
import { promptParts } from './tokens.ts';
import { firstUsage, usageOf } from './usage.ts';

/** An answer, and what is known of it besides. */
interface Created {
  message: Anthropic.Message;
  /** The usage as a stream begins with it, and the model that it names then. */
  start: Anthropic.Usage;
  first: string;
  /** Of the model that answers. */
  facts: ModelFacts;
  bill: BillLine[];
}

/** The whole answer to a request. @throws ApiProblem 400 for a prompt that is too long and for models that there are not */
export async function createMessage(
  { request: asked, model: requested }: Decoded,
  state: ModelState,
  outcome: Outcome,
  prompt: string,
  feature: Feature,
): Promise<Created> {
  const key = `${state.seed}:${state.ordinal()}`;
  const random = randomFrom(`${key}:others`);
  const attempts = attemptsAt(asked, requested, random);
  const { model, maxTokens } = attempts.at(-1) as Attempt;
  const request = { ...asked, max_tokens: maxTokens };
  const declined = await declinedBy(attempts.slice(0, -1), request, state);
  const { tokens, samplings, before } = await beside({ request, model, state, outcome, random, key });
  const scene = sceneFor(prompt, state.seed);
  const content = createContent({ request, model, feature, scene, outcome, before, key });
  for (const { type, output } of samplings) if (type === 'advisor_message') content.searches.resultTokens.push(output);
  const message: Anthropic.Message = {
    id: idFrom('msg', key),
    type: 'message',
    role: 'assistant',
    model: outcome.model ?? model.id,
    content: content.blocks,
    stop_reason: content.stopReason,
    stop_sequence: content.stopSequence,
    stop_details:
      content.stopReason === 'refusal'
        ? { type: 'refusal', category: null, explanation: 'The request was declined.' }
        : null,
    container: containerOf(content.blocks, key, state.now()),
    diagnostics: null,
    usage: { ...usageOf(request, model, tokens, content), ...outcome.usage },
  };
  const others = [...declined, ...samplings];
  if (others.length > 0) {
    const type = declined.length > 0 ? 'fallback_message' : 'message';
    const answered = { ...iterationOf({ type, model, ...sampledBy(message.usage) }), ...outcome.usage };
    Object.assign(message.usage, { iterations: [...others.map(iterationOf), answered] });
  }
  const begun = declined[0] ?? { model, prompt: tokens };
  return {
    message,
    start: { ...firstUsage(asked, begun.model, begun.prompt), ...onlyInput(outcome.usage) },
    first: declined.length > 0 ? requested.id : message.model,
    facts: model,
    bill: wholeBill(message, others),
  };
}

async function declinedBy(attempts: Attempt[], request: MessageRequest, state: ModelState): Promise<Sampling[]> {
  const declined: Sampling[] = [];
  for (const attempt of attempts) {
    const prompt = await readPrompt(request, attempt.model, state);
    declined.push({ type: 'message', model: attempt.model, prompt, output: declinedTokens(attempt) });
  }
  return declined;
}

interface Side {
  request: MessageRequest;
  model: ModelFacts;
  state: ModelState;
  outcome: Outcome;
  random: Random;
  key: string;
}

/** For what the API writes around a summary. */
const SUMMARY_FRAME_TOKENS = 40;

/** The prompt as the model reads it, a summary of it and advice, which are billed besides, and the blocks that show them. */
async function beside({ request, model, state, outcome, random, key }: Side) {
  let tokens = await readPrompt(request, model, state);
  const samplings: Sampling[] = [];
  const before: Anthropic.ContentBlock[] = [];
  const total = totalOf(tokens);
  const summary = summaryTokens(request, total);
  if (summary !== undefined) {
    samplings.push({ type: 'compaction', model, prompt: tokens, output: summary });
    // What is summed up is never longer for it.
    const uncached = Math.min(total, summary + SUMMARY_FRAME_TOKENS);
    tokens = { uncached, read: 0, written5m: 0, written1h: 0 };
    before.push({ type: 'compaction', content: 'So far: trails.', encrypted_content: null } as never);
  }
  const advisor = outcome.text === undefined && !outcome.content ? advisorOf(request, random) : undefined;
  for (let use = 0; advisor && use < advisor.uses; use += 1) {
    const prompt = await readPrompt(request, advisor.model, state);
    samplings.push({ type: 'advisor_message', model: advisor.model, prompt, output: advisor.maxTokens });
    before.push(...(adviceBlocks(`${key}:${use}`, 'Look at the closures first.') as never[]));
  }
  return { tokens, samplings, before };
}

const totalOf = ({ uncached, read, written5m, written1h }: PromptTokens): number =>
  uncached + read + written5m + written1h;

async function readPrompt(request: MessageRequest, model: ModelFacts, { cache }: ModelState): Promise<PromptTokens> {
  const parts = await promptParts(request, model);
  const total = parts.reduce((sum, part) => sum + part.tokens, 0);
  if (total > model.contextWindow)
    throw invalid(`prompt is too long: ${total} tokens > ${model.contextWindow} maximum`);
  return cache.use(model.id, model.smallestCachePrefix, parts);
}

const sampledBy = (usage: Anthropic.Usage) => ({
  prompt: {
    uncached: usage.input_tokens,
    read: usage.cache_read_input_tokens ?? 0,
    written5m: usage.cache_creation?.ephemeral_5m_input_tokens ?? 0,
    written1h: usage.cache_creation?.ephemeral_1h_input_tokens ?? 0,
  },
  output: usage.output_tokens,
});

/** Of scripted usage, what `message_start` tells. */
const onlyInput = (usage: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(usage).filter(([name]) => !name.startsWith('output_') && name !== 'server_tool_use'),
  );
