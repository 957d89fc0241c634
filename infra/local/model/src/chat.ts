import { z } from 'zod';
import { answerText, answerValue } from './answers/answer.ts';
import { askedSchema } from './answers/asked-schema.ts';
import { inAskedTag } from './answers/asked-tag.ts';
import { featureOf } from './answers/feature.ts';
import { sceneFor } from './answers/scene.ts';
import { invalid } from './errors.ts';
import { type Exchange, type ModelState, throwScripted, waitBefore } from './exchange.ts';
import { sendBody } from './messages/reply.ts';
import { idFrom } from './random.ts';

const chatRequestSchema = z.looseObject({
  model: z.string().min(1),
  messages: z
    .array(
      z.looseObject({
        role: z.string(),
        content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).nullish(),
      }),
    )
    .min(1),
  stream: z.literal(false).nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  response_format: z
    .looseObject({ json_schema: z.looseObject({ schema: z.record(z.string(), z.unknown()) }).optional() })
    .nullish(),
});

const bytesPerToken = 4;
const finishReasons: Record<string, string> = {
  max_tokens: 'length',
  refusal: 'content_filter',
  tool_use: 'tool_calls',
};

/** `POST /v1/chat/completions` of the OpenAI-compatible providers; JSON only. */
export async function answerChat(exchange: Exchange, state: ModelState): Promise<void> {
  const { response, call } = exchange;
  const decoded = chatRequestSchema.safeParse(exchange.body);
  if (!decoded.success) {
    const issue = decoded.error.issues[0];
    throw invalid(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'is invalid'}`);
  }
  const request = decoded.data;
  const prompt = request.messages
    .flatMap(({ content }) =>
      typeof content === 'string' ? [content] : (content ?? []).map((part) => part.text ?? ''),
    )
    .join('\n');
  const schema = request.response_format?.json_schema?.schema ?? askedSchema(prompt);
  const feature = featureOf(prompt, schema);
  Object.assign(call, { model: request.model, feature });
  const outcome = state.script.next(feature);
  await waitBefore(state, outcome.delayMs);
  throwScripted(outcome);

  const scene = sceneFor(prompt, state.seed);
  const value = answerValue(feature, scene, schema);
  const whole = outcome.text ?? (value === undefined ? answerText(scene) : inAskedTag(JSON.stringify(value), prompt));
  const room = (request.max_completion_tokens ?? request.max_tokens ?? 16_384) * bytesPerToken;
  const text = whole.slice(0, room);
  const stopReason = outcome.stopReason ?? (text.length < whole.length ? 'max_tokens' : 'end_turn');
  const promptTokens = Math.ceil(Buffer.byteLength(prompt) / bytesPerToken) + 4 * request.messages.length;
  const completionTokens = Math.ceil(Buffer.byteLength(text) / bytesPerToken);
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    ...outcome.usage,
  };
  const id = idFrom('chatcmpl', `${state.seed}:${state.ordinal()}`);
  Object.assign(call, { responseId: id, stopReason, usage });
  const body = {
    id,
    object: 'chat.completion',
    created: Math.floor(state.now() / 1_000),
    model: outcome.model ?? request.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text,
          refusal: stopReason === 'refusal' ? 'I can’t help with that.' : null,
        },
        logprobs: null,
        finish_reason: finishReasons[stopReason] ?? 'stop',
      },
    ],
    usage,
    system_fingerprint: null,
  };
  const headers = { 'x-request-id': exchange.requestId, ...outcome.headers };
  call.outcome = await sendBody(response, 200, JSON.stringify(body), headers, outcome.breakAfter);
}
