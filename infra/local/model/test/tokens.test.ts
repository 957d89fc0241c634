import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findModel, type ModelFacts } from '../src/messages/models.ts';
import { imageTokens } from '../src/messages/tokens.ts';
import { startModel } from '../src/server.ts';
import { failure, standIn, user } from './client.ts';

const context = standIn();
const fixture = (name: string): Promise<Buffer> =>
  readFile(new URL(`../../../../test/fixtures/${name}`, import.meta.url));
const image = async (name: string, mediaType: string) => ({
  type: 'image' as const,
  source: {
    type: 'base64' as const,
    media_type: mediaType as 'image/png',
    data: (await fixture(name)).toString('base64'),
  },
});
const facts = (id: string): ModelFacts => {
  const model = findModel(id);
  if (!model) throw new RangeError(id);
  return model;
};

describe('images', () => {
  it.each([
    [1_920, 1_080, 'claude-sonnet-5-5', 2_691],
    [3_840, 2_160, 'claude-sonnet-5-5', 4_784],
    [28, 28, 'claude-sonnet-5-5', 1],
    [29, 28, 'claude-sonnet-5-5', 2],
    [3_840, 2_160, 'claude-haiku-4-5', 1_568],
  ])('of %i × %i px are %s tokens', (width, height, model, tokens) => {
    expect(imageTokens(width, height, facts(model))).toBe(tokens);
  });

  it.each([
    ['trail.jpg', 'image/jpeg'],
    ['trail.png', 'image/png'],
    ['trail.webp', 'image/webp'],
  ])('count by their size, not their bytes: %s', async (name, type) => {
    const count = (content: Parameters<typeof user>[0]) =>
      context.client.messages.countTokens({ model: 'claude-sonnet-5-5', messages: user(content) });
    const text = { type: 'text' as const, text: 'What is this?' };
    const [without, withImage] = [await count([text]), await count([await image(name, type), text])];
    expect(withImage.input_tokens - without.input_tokens).toBe(Math.ceil(480 / 28) * Math.ceil(320 / 28));
  });

  it.each([
    ['trail.jpg', 'image/png', /media type/],
    ['trail.avif', 'image/avif', /media type/],
    ['not-an-image.jpg', 'image/jpeg', /Could not process image/],
    ['wide.png', 'image/png', /max allowed size: 8000 pixels/],
  ])('are refused: %s as %s', async (name, type, text) => {
    const messages = user([await image(name, type)]);
    const error = await failure(
      context.client.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 9, messages }),
    );
    expect(error).toMatchObject({ status: 400, message: expect.stringMatching(text) });
  });

  it('that are too large are named by their places, with the side that they may have', async () => {
    const picture = await image('wide.png', 'image/png');
    const result = { type: 'tool_result' as const, tool_use_id: 't', content: [picture] };
    const messages = [...user('Hi'), ...user([{ type: 'text', text: 'And this?' }, result])];
    const error = await failure(
      context.client.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 9, messages }),
    );
    expect(error).toMatchObject({
      errorCode: 'image_dimensions_too_large',
      details: { max_side_length_pixels: 8_000, paths: ['messages.1.content.1.content.0'] },
    });
  });
});

describe('the prompt cache', () => {
  const model = 'claude-sonnet-5-5';
  const long = 'The history of the trail. '.repeat(400);
  const ask = async (ttl?: '5m' | '1h', question = 'Hello', text = long) => {
    const { usage } = await context.client.messages.create({
      model,
      max_tokens: 50,
      system: [{ type: 'text', text, cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) } }],
      messages: user(question),
    });
    const { ephemeral_5m_input_tokens: written5m, ephemeral_1h_input_tokens: written1h } = usage.cache_creation ?? {};
    return { uncached: usage.input_tokens, read: usage.cache_read_input_tokens ?? 0, written5m, written1h };
  };

  it('is written once and read then, as much as was written', async () => {
    const first = await ask();
    const second = await ask(undefined, 'Another question');
    expect(first).toMatchObject({ read: 0, written5m: expect.any(Number), written1h: 0 });
    expect(second).toMatchObject({ read: first.written5m, written5m: 0 });
  });

  it('divides writes by lifetime', async () => {
    expect(await ask('1h')).toMatchObject({ written5m: 0, written1h: Math.ceil(long.length / 3) });
  });

  it('does not hold a short prefix', async () => {
    expect(await ask('5m', 'Hello', 'short')).toMatchObject({ read: 0, written5m: 0, written1h: 0 });
  });

  it('is forgotten five minutes after its last use', async () => {
    let now = 1_000_000;
    const clocked = await startModel({ now: () => now });
    const read = async () => {
      const client = context.client.withOptions({ baseURL: clocked.url });
      const system = [{ type: 'text' as const, text: long, cache_control: { type: 'ephemeral' as const } }];
      const { usage } = await client.messages.create({ model, max_tokens: 50, system, messages: user('Hello') });
      return usage.cache_read_input_tokens;
    };
    try {
      expect(await read()).toBe(0);
      now += 299_000;
      expect(await read()).toBeGreaterThan(0);
      now += 299_000;
      expect(await read()).toBeGreaterThan(0);
      now += 301_000;
      expect(await read()).toBe(0);
    } finally {
      await clocked.close();
    }
  });
});
