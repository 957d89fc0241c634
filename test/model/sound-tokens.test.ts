import { expect, test } from 'vitest';
import { readChatShape } from '../../shared/model/request/openai/chat-shape.ts';
import { mostSoundTokens } from '../../shared/model/request/openai/sound-tokens.ts';
import { chatNames, readOpenAiUsage, responseNames } from '../../shared/model/usage/openai-usage.ts';
import { toUnits } from '../../shared/model/usage/usage.ts';
import { cheapBound } from '../../shared/tracking/holds/bound.ts';
import { boundParts } from '../../shared/tracking/holds/bound-parts.ts';

function wav({ codec = 1, rate = 8_000, seconds = 1, name = 'WAVEfmt ' } = {}): string {
  const header = Buffer.alloc(44);
  header.write(`RIFF\0\0\0\0${name}`, 'latin1');
  header.writeUInt16LE(codec, 20);
  header.writeUInt32LE(rate, 24);
  return Buffer.concat([header, Buffer.alloc(rate * seconds)]).toString('base64');
}

test.each([
  ['ten seconds at a byte a sample', wav({ seconds: 10 }), 'wav', [320, 322]],
  // A file that says one sample a second is as long as it has bytes.
  ['an hour in 3,644 bytes', wav({ rate: 1, seconds: 3_600 }), 'wav', [3_600 * 32, 3_650 * 32]],
  ['numbers with a point', wav({ codec: 3 }), 'wav', [32, 33]],
  ['an MP3 file at the least that its frames can have', Buffer.alloc(1_800).toString('base64'), 'mp3', [320, 321]],
] as const)('the most tokens of %s', (_name, data, format, [least, most]) => {
  const tokens = mostSoundTokens(data, format);
  expect(tokens).toBeGreaterThanOrEqual(least);
  expect(tokens).toBeLessThanOrEqual(most);
});

test.each([
  ['a codec that packs samples', wav({ codec: 2 }), 'wav'],
  ['no rate', wav({ rate: 0 }), 'wav'],
  ['a chunk before its format', wav({ name: 'WAVEJUNK' }), 'wav'],
  ['another format', wav(), 'flac'],
  ['no file', '', 'wav'],
])('%s has no bound', (_name, data, format) => {
  expect(mostSoundTokens(data, format)).toBeUndefined();
});

test.each([
  [
    'both sides',
    chatNames,
    {
      prompt_tokens: 100,
      completion_tokens: 50,
      prompt_tokens_details: { audio_tokens: 60 },
      completion_tokens_details: { audio_tokens: 40, reasoning_tokens: 5 },
    },
    { text: { input: 40, output: 5 }, reasoning: { input: 0, output: 5 }, audio: { input: 60, output: 40 } },
    [],
  ],
  [
    'of a response, with pictures',
    responseNames,
    {
      input_tokens: 100,
      output_tokens: 50,
      input_tokens_details: { audio_tokens: 10, image_tokens: 80 },
      output_tokens_details: { image_tokens: 30 },
    },
    { text: { input: 10, output: 20 }, audio: { input: 10, output: 0 }, vision: { input: 80, output: 30 } },
    [],
  ],
  [
    'the cached part is text as far as it can be',
    chatNames,
    {
      prompt_tokens: 100,
      completion_tokens: 0,
      prompt_tokens_details: { audio_tokens: 70, cached_tokens: 50 },
    },
    {
      text: { input: 0, output: 0 },
      audio: { input: 50, output: 0 },
      audio_cache_read: { input: 20, output: 0 },
      text_cache_read: { input: 30, output: 0 },
    },
    [],
  ],
  [
    'a count that cannot be read is all of it',
    chatNames,
    { prompt_tokens: 100, completion_tokens: 9, prompt_tokens_details: { audio_tokens: '60' } },
    { text: { input: 0, output: 9 }, audio: { input: 100, output: 0 } },
    ['input'],
  ],
  [
    'more sound than tokens',
    chatNames,
    { prompt_tokens: 10, completion_tokens: 5, completion_tokens_details: { audio_tokens: 50 } },
    { text: { input: 10, output: 0 }, audio: { input: 0, output: 5 } },
    [],
  ],
] as const)('tokens of sound: %s', (_name, names, given, units, unreadable) => {
  const usage = readOpenAiUsage(given, names, undefined);
  expect(toUnits(usage, { largeContext: false })).toEqual(units);
  expect(usage.unreadable).toEqual(unreadable);
});

test.each(['gpt-audio', 'gpt-4.1', 'gemini-2.5-flash'])('the parts of the bound of %s add up to it', (model) => {
  const input_audio = { data: wav({ seconds: 60 }), format: 'wav' };
  const shape = readChatShape({
    model,
    max_completion_tokens: 1_000,
    modalities: ['text', 'audio'],
    messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio }] }],
  });
  const atMs = Date.parse('2026-11-28T12:00:00Z');
  const bound = cheapBound(shape, atMs);
  const sum = boundParts(shape, 'usd', atMs).reduce((all, { amount }) => all + amount, 0n);
  expect(Number(sum) / Number(bound)).toBeCloseTo(1, 1);
  expect(shape).toMatchObject({ unknown: undefined, speaks: true, opaqueBy: [] });
});

test('a member modalities that cannot be read bounds nothing', () => {
  for (const modalities of ['audio', ['image'], [null], {}])
    expect(readChatShape({ model: 'gpt-audio', messages: [], modalities }).unknown).toMatch(/^modalities/);
});
