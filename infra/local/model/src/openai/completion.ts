import { answerText, answerValue } from '../answers/answer.ts';
import { askedSchema } from '../answers/asked-schema.ts';
import { inAskedTag } from '../answers/asked-tag.ts';
import type { Feature } from '../answers/feature.ts';
import { satisfyCaller } from '../answers/satisfy.ts';
import { sceneFor } from '../answers/scene.ts';
import { idFrom } from '../random.ts';
import type { Outcome } from '../script.ts';
import { type ChatRequest, chatPrompt, functionToCall, reasons, soundsOf, speaks } from './request.ts';

export interface Completion {
  message: {
    role: 'assistant';
    content: string | null;
    refusal: string | null;
    audio?: { id: string; data: string; expires_at: number; transcript: string };
    tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
  };
  finishReason: string;
  usage: Record<string, unknown>;
}

const BYTES_PER_TOKEN = 4;
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_IMAGE = 765;
const REASONING_TOKENS = 64;
/** 16-bit samples at 16 kHz, of which 10 tokens a second are made. */
const HEARD_BYTES_PER_TOKEN = 3_200;
/** Tokens of sound for one of its transcript, and bytes of sound for each. */
const SPOKEN_PER_WRITTEN = 4;
const SPOKEN_BYTES_PER_TOKEN = 2_400;
const DEFAULT_TOKENS = 16_384;
const finishReasons: Record<string, string> = {
  max_tokens: 'length',
  refusal: 'content_filter',
  tool_use: 'tool_calls',
};

const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** What the model says, and what the provider bills for it. */
export function createCompletion(
  request: ChatRequest,
  feature: Feature,
  outcome: Outcome,
  seed: string,
  key: string,
): Completion {
  const prompt = chatPrompt(request);
  const scene = sceneFor(prompt, seed);
  const most = request.max_completion_tokens ?? request.max_tokens ?? DEFAULT_TOKENS;
  const reasoning = reasons(request.model) ? Math.min(most, REASONING_TOKENS) : 0;
  const called = outcome.text === undefined ? functionToCall(request) : undefined;
  if (called) {
    const schema = called.parameters ?? {};
    const context = { root: schema, random: scene.random, place: scene.place.name };
    const given = JSON.stringify(satisfyCaller(schema, {}, called.name, context));
    const call = {
      id: idFrom('call', key),
      type: 'function' as const,
      function: { name: called.name, arguments: given },
    };
    return {
      message: { role: 'assistant', content: null, refusal: null, tool_calls: [call] },
      finishReason: 'tool_calls',
      usage: usageOf(request, prompt, { answered: reasoning + tokensOf(given), reasoning, spoken: 0 }, outcome),
    };
  }
  const schema = request.response_format?.json_schema?.schema ?? askedSchema(prompt);
  const value = answerValue(feature, scene, schema);
  const whole = outcome.text ?? (value === undefined ? answerText(scene) : inAskedTag(JSON.stringify(value), prompt));
  const content = whole.slice(0, (most - reasoning) * BYTES_PER_TOKEN);
  const spoken = speaks(request) ? Math.min(most, tokensOf(content) * SPOKEN_PER_WRITTEN) : 0;
  const stopReason = outcome.stopReason ?? (content.length < whole.length ? 'max_tokens' : 'end_turn');
  return {
    message: {
      role: 'assistant',
      content: spoken > 0 ? null : content,
      ...(spoken > 0 && { audio: soundOf(content, spoken, key) }),
      refusal: stopReason === 'refusal' ? 'I can’t help with that.' : null,
    },
    finishReason: finishReasons[stopReason] ?? 'stop',
    usage: usageOf(
      request,
      prompt,
      { answered: Math.min(most, reasoning + tokensOf(content) + spoken), reasoning, spoken },
      outcome,
    ),
  };
}

const soundOf = (transcript: string, tokens: number, key: string) => ({
  id: idFrom('audio', key),
  data: Buffer.alloc(tokens * SPOKEN_BYTES_PER_TOKEN).toString('base64'),
  expires_at: 1_800_000_000,
  transcript,
});

/** Tokens of one answer: all, and those of reasoning and of sound in them. */
interface Answered {
  answered: number;
  reasoning: number;
  spoken: number;
}

function usageOf(request: ChatRequest, prompt: string, { answered, reasoning, spoken }: Answered, { usage }: Outcome) {
  const heard = soundsOf(request).reduce(
    (sum, data) => sum + Math.ceil((data.length * 3) / 4 / HEARD_BYTES_PER_TOKEN),
    0,
  );
  const images = request.messages.flatMap(({ content }) =>
    typeof content === 'object' && content ? content.filter(({ type }) => type === 'image_url') : [],
  );
  const input =
    tokensOf(prompt) +
    TOKENS_PER_MESSAGE * request.messages.length +
    TOKENS_PER_IMAGE * images.length +
    heard +
    (request.tools?.length ? tokensOf(JSON.stringify(request.tools)) : 0);
  const output = answered * (request.n ?? 1);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: heard },
    completion_tokens_details: {
      reasoning_tokens: reasoning * (request.n ?? 1),
      audio_tokens: spoken * (request.n ?? 1),
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
    ...usage,
  };
}
