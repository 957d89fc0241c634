import type OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/recording.ts';
import { type OpenAiGateway, startOpenAiGateway } from './openai-gateway.ts';

let opened: OpenAiGateway;
beforeAll(async () => {
  opened = await startOpenAiGateway();
});
afterAll(() => opened.close());
beforeEach(() => opened.reset());

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;

/** A second of silence, 16 bits at 16 kHz. */
function wav(seconds = 1): string {
  const header = Buffer.alloc(44);
  header.write('RIFF\0\0\0\0WAVEfmt ', 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(16_000, 24);
  return Buffer.concat([header, Buffer.alloc(32_000 * seconds)]).toString('base64');
}

const heard = (data = wav()): Params['messages'] => [
  {
    role: 'user',
    content: [
      { type: 'text', text: 'Which trail is it?' },
      { type: 'input_audio', input_audio: { data, format: 'wav' } },
    ],
  },
];
const params: Params = { model: 'gpt-audio', max_completion_tokens: 500, messages: heard() };
const spoken = {
  modalities: ['text', 'audio'] as ('text' | 'audio')[],
  audio: { voice: 'ash', format: 'pcm16' } as const,
};
const billed = () => opened.model.calls().at(-1)?.usage as unknown as OpenAI.CompletionUsage;
const unitsOf = (usage: OpenAI.CompletionUsage) => {
  const input = usage.prompt_tokens_details?.audio_tokens ?? 0;
  const output = usage.completion_tokens_details?.audio_tokens ?? 0;
  return {
    text: { input: usage.prompt_tokens - input, output: usage.completion_tokens - output },
    audio: { input, output },
  };
};
/** By the prices of gpt-audio, in nano-USD. */
const costOf = ({ text, audio }: ReturnType<typeof unitsOf>) =>
  text.input * 2_500 + text.output * 10_000 + audio.input * 32_000 + audio.output * 64_000;

describe('sound', () => {
  const modes: Record<string, (client: OpenAI) => Promise<unknown>> = {
    'is heard': (client) => client.chat.completions.create(params),
    'is spoken': async (client) => {
      const answer = await client.chat.completions.create({ ...params, ...spoken });
      expect(answer.choices[0]?.message.audio?.transcript).toContain('Near');
    },
    'is spoken in a stream': async (client) => {
      let bytes = 0;
      for await (const chunk of await client.chat.completions.create({ ...params, ...spoken, stream: true })) {
        const { audio } = (chunk.choices[0]?.delta ?? {}) as { audio?: { data?: string } };
        bytes += Buffer.byteLength(audio?.data ?? '', 'base64');
      }
      expect(bytes).toBeGreaterThan(100_000);
    },
  };

  test.each(Object.entries(modes))('%s: its tokens have their own unit and price', async (_name, mode) => {
    await mode(opened.sdk());
    const units = unitsOf(billed());
    expect(units.audio.input).toBeGreaterThan(5);
    const [event] = opened.record.events;
    expect(event).toMatchObject({ units, unitsEstimated: false, estimatedCost: costOf(units) });
    const [hold] = opened.record.holds;
    expect(hold).not.toHaveProperty('unboundedBy');
    expect(hold?.bound.nanoUsd).toBeGreaterThanOrEqual(BigInt(costOf(units)));
    // A second is bounded as 32 tokens for each byte of a sample, and the answer as if all of it were sound.
    expect(hold?.bound.nanoUsd).toBeLessThan(60_000_000n);
  });

  test('that an answer does not tell from text is priced as if all of it were sound', async () => {
    opened.model.script({
      usage: { prompt_tokens_details: null, completion_tokens_details: null },
    });
    await opened.sdk().chat.completions.create({ ...params, ...spoken });
    const { prompt_tokens: input, completion_tokens: output } = billed();
    expect(opened.record.events[0]).toMatchObject({
      units: { text: { input: 0, output: 0 }, audio: { input, output } },
      unitsEstimated: true,
      estimatedCost: input * 32_000 + output * 64_000,
    });
  });

  test('of a model without a price for it has no cost, and is held at the dearest', async () => {
    await opened.sdk().chat.completions.create({ ...params, ...spoken, model: 'gpt-4o' });
    expect(opened.record.events[0]?.estimatedCost).toBeNull();
    expect(opened.record.holds[0]?.bound.nanoUsd).toBeGreaterThan(500n * 80_000n);
  });

  test('a client that leaves is charged for no less than what it got', async () => {
    opened.model.script({ eventDelayMs: 5 });
    const stop = new AbortController();
    let bytes = 0;
    try {
      const stream = await opened
        .sdk()
        .chat.completions.create({ ...params, ...spoken, stream: true }, { signal: stop.signal });
      for await (const chunk of stream) {
        const { audio } = (chunk.choices[0]?.delta ?? {}) as { audio?: { data?: string } };
        bytes += Buffer.byteLength(audio?.data ?? '', 'base64');
        if (bytes > 60_000) stop.abort();
      }
    } catch {
      // The SDK may throw where it is stopped.
    }
    await until(() => opened.record.events.length > 0 && opened.model.calls().length > 0);
    const { audio } = unitsOf(billed());
    const [event] = opened.record.events;
    expect(event).toMatchObject({ outcome: 'aborted', unitsEstimated: true });
    expect(event?.units['audio']?.input).toBeGreaterThanOrEqual(audio.input);
    // The sound has 2,400 bytes a token here.
    expect(event?.units['audio']?.output).toBeGreaterThanOrEqual(bytes / 2_400);
    expect(event?.units['audio']?.output).toBeLessThan(audio.output * 3);
  });

  test.each<[string, Params['messages']]>([
    ['of unknown length', heard('AAAA')],
    ['that the provider keeps', [{ role: 'assistant', audio: { id: 'audio_1' } }, ...heard()]],
  ])('%s can fill the context', async (_name, messages) => {
    await opened.sdk().chat.completions.create({ ...params, messages });
    expect(opened.record.holds[0]?.bound.nanoUsd).toBe(128_000n * 32_000n + 500n * 10_000n);
  });
});
