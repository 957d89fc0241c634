import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { FINDER_PROMPT, failure, standIn, textOf, user, webSearch } from './client.ts';

const context = standIn();
const request = { model: 'claude-sonnet-5-5', max_tokens: 4_096, messages: user(FINDER_PROMPT), tools: [webSearch] };

/** The events of a raw answer, in order. */
async function rawEvents(): Promise<
  { name: string; data: { type: string; index?: number } & Record<string, unknown> }[]
> {
  const response = await fetch(`${context.model.url}/v1/messages`, {
    method: 'POST',
    headers: { authorization: 'Bearer x', 'anthropic-version': '2026-10-21' },
    body: JSON.stringify({ ...request, stream: true }),
  });
  return (await response.text())
    .split('\n\n')
    .filter(Boolean)
    .map((event) => {
      const [name = '', data = ''] = event.split('\n');
      return { name: name.slice('event: '.length), data: JSON.parse(data.slice('data: '.length)) };
    });
}

describe('a stream', () => {
  it('keeps to the grammar', async () => {
    const events = await rawEvents();
    for (const { name, data } of events) expect(name).toBe(data.type);
    const types = events.map(({ name }) => name).filter((name) => name !== 'ping');
    expect([types[0], ...types.slice(-2)]).toEqual(['message_start', 'message_delta', 'message_stop']);
    let open: number | undefined;
    let blocks = 0;
    for (const { data } of events) {
      if (data.type === 'content_block_start') {
        expect([open, data.index]).toEqual([undefined, blocks]);
        open = blocks;
        blocks += 1;
      } else if (data.type === 'content_block_delta') expect(data.index).toBe(open);
      else if (data.type === 'content_block_stop') {
        expect(data.index).toBe(open);
        open = undefined;
      }
    }
    expect(blocks).toBeGreaterThan(5);
  });

  it('tells the split at the start only, and totals at the end', async () => {
    const events = await rawEvents();
    const start = events[0]?.data['message'] as Anthropic.Message;
    const delta = events.find(({ name }) => name === 'message_delta')?.data['usage'] as Record<string, unknown>;
    expect(start.usage).toMatchObject({ output_tokens: 1, cache_creation: {}, service_tier: 'standard' });
    expect(start.content).toEqual([]);
    for (const member of ['cache_creation', 'service_tier', 'speed', 'inference_geo'])
      expect(delta).not.toHaveProperty(member);
    expect(delta['input_tokens']).toBeGreaterThan(start.usage.input_tokens);
  });

  it('comes to the same message as JSON', async () => {
    const whole = await context.client.messages.create(request);
    const streamed = await context.client.messages.stream(request).finalMessage();
    expect(textOf(streamed)).toBe(textOf(whole));
    expect(streamed.content.map(({ type }) => type)).toEqual(whole.content.map(({ type }) => type));
    expect(streamed.usage.input_tokens).toBe(whole.usage.input_tokens);
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(streamed.stop_reason).toBe('end_turn');
  });

  it.each([
    ['cut', Anthropic.AnthropicError, /terminated/],
    ['end', Anthropic.AnthropicError, /without producing a Message/],
    ['error', Anthropic.APIError, /overloaded_error/],
  ] as const)('breaks off by script: %s', async (how, kind, text) => {
    context.model.script({ breakAfter: { events: 5, how } });
    const error = await failure(context.client.messages.stream(request).finalMessage());
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(text);
    expect(context.model.calls().at(-1)).toMatchObject({ outcome: 'broken', status: 200 });
  });

  it('stalls by script until the client leaves', async () => {
    context.model.script({ breakAfter: { events: 4, how: 'stall' } });
    const stream = context.client.messages.stream(request);
    let events = 0;
    stream.on('streamEvent', () => {
      events += 1;
      if (events === 3) stream.abort();
    });
    expect(await failure(stream.finalMessage())).toBeInstanceOf(Anthropic.APIUserAbortError);
  });
});
