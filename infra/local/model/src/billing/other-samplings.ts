import { invalid } from '../errors.ts';
import type { PromptTokens } from '../messages/cache.ts';
import { findModel, type ModelFacts } from '../messages/models.ts';
import type { MessageRequest } from '../messages/request.ts';
import { idFrom, type Random } from '../random.ts';

/** What a model is billed for besides the answer itself: it declined, gave advice or summed the conversation up. */
export interface Sampling {
  type: 'message' | 'advisor_message' | 'compaction';
  model: ModelFacts;
  prompt: PromptTokens;
  output: number;
}

/** A fallback of a request that its model declined. */
export interface Attempt {
  model: ModelFacts;
  maxTokens: number;
}

const DECLINED_TOKENS = 12;
const SUMMARY_TOKENS = 150;
const ADVICE_TOKENS = 80;
const MOST_ADVICE = 3;
/** Prompts from here on are summed up where the request does not say it. */
const USUAL_TRIGGER = 150_000;

/** The attempts at a request, the last of which answers. Half of the requests with fallbacks are declined. @throws ApiProblem 400 */
export function attemptsAt(request: MessageRequest, model: ModelFacts, random: Random): Attempt[] {
  const given: unknown[] = Array.isArray(request['fallbacks']) ? request['fallbacks'] : [];
  const chain = given.map((entry, place) => {
    const { model: name, max_tokens: most } = Object(entry) as Record<string, unknown>;
    return { model: known(name, `fallbacks.${place}.model`), maxTokens: atMost(most, request.max_tokens) };
  });
  const attempts = [{ model, maxTokens: request.max_tokens }];
  for (const next of chain) {
    if (random.below(2) === 0) break;
    attempts.push(next);
  }
  return attempts;
}

export const declinedTokens = ({ maxTokens }: Attempt): number => Math.min(maxTokens, DECLINED_TOKENS);

/** Advice that the model asks another one for, as the request's tool allows. @throws ApiProblem 400 */
export function advisorOf({ tools = [] }: MessageRequest, random: Random): (Attempt & { uses: number }) | undefined {
  const tool = tools.find(({ type }) => type?.startsWith('advisor_'));
  if (!tool) return undefined;
  const allowed = typeof tool['max_uses'] === 'number' ? tool['max_uses'] : MOST_ADVICE;
  return {
    model: known(tool['model'], 'tools: advisor.model'),
    maxTokens: atMost(tool['max_tokens'], ADVICE_TOKENS),
    uses: Math.min(allowed, random.below(MOST_ADVICE)),
  };
}

/** The blocks of one piece of advice. */
export function adviceBlocks(key: string, text: string): { type: string; [member: string]: unknown }[] {
  const id = idFrom('srvtoolu', `${key}:advice`);
  return [
    { type: 'server_tool_use', id, name: 'advisor', input: {}, caller: { type: 'direct' } },
    {
      type: 'advisor_tool_result',
      tool_use_id: id,
      content: { type: 'advisor_result', text, stop_reason: 'end_turn' },
    },
  ];
}

/** Tokens of the summary that is made of a conversation first; undefined where the request does not ask for one. */
export function summaryTokens(request: MessageRequest, promptTokens: number): number | undefined {
  const { edits } = Object(request['context_management']) as Record<string, unknown>;
  const edit = (Array.isArray(edits) ? edits : []).find((one) => String(Object(one).type).startsWith('compact_'));
  const trigger = edit && (Object(Object(edit).trigger).value ?? USUAL_TRIGGER);
  return typeof trigger === 'number' && promptTokens >= trigger
    ? Math.min(request.max_tokens, SUMMARY_TOKENS)
    : undefined;
}

/** The entry of a sampling in `usage.iterations`. A summary names no model. */
export const iterationOf = ({ type, model, prompt, output }: Omit<Sampling, 'type'> & { type: string }) => ({
  type,
  ...(type !== 'compaction' && { model: model.id }),
  input_tokens: prompt.uncached,
  output_tokens: output,
  cache_creation_input_tokens: prompt.written5m + prompt.written1h,
  cache_read_input_tokens: prompt.read,
  cache_creation: { ephemeral_5m_input_tokens: prompt.written5m, ephemeral_1h_input_tokens: prompt.written1h },
});

function known(name: unknown, field: string): ModelFacts {
  const model = typeof name === 'string' ? findModel(name) : undefined;
  if (!model) throw invalid(`${field}: ${String(name)} is not a model`);
  return model;
}

const atMost = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? Math.min(value, 128_000) : otherwise;
