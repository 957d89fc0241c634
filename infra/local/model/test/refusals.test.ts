import type Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { failure, standIn, user, webSearch } from './client.ts';

const context = standIn();
const base = { model: 'claude-sonnet-5-5', max_tokens: 100, messages: user('Hi') };
const old = { headers: { 'anthropic-version': '2023-06-01' } };
const fastBeta = { headers: { 'anthropic-beta': 'fast-mode-2026-02-01' } };
const send = (body: object, options?: { headers: Record<string, string> }) =>
  context.client.messages.create({ ...base, ...body } as Anthropic.MessageCreateParamsNonStreaming, options);

const tool = { name: 'pack', input_schema: { type: 'object' } };
const marked = { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } };
const haiku45 = { model: 'claude-haiku-4-5' };
const said = (role: 'user' | 'assistant', block: object) => ({ role, content: [block] });
const searched = (result: object) => [
  ...user('Where?'),
  said('assistant', {
    type: 'web_search_tool_result',
    tool_use_id: 's',
    content: [{ type: 'web_search_result', ...result }],
  }),
  ...user('And?'),
];
const source = { type: 'url', url: 'https://example.com/a.png' };
const images = (count: number) => user(Array.from({ length: count }, () => ({ type: 'image', source })) as never);

describe('refused with 400', () => {
  it.each<[string, object, { headers: Record<string, string> }?]>([
    ['a sampling parameter', { temperature: 1 }],
    ['one beside its default under the older version, from 4.7 on', { temperature: 0.5 }, old],
    ['top_k under the older version, from 4.7 on', { top_k: 5 }, old],
    [
      'a document of the assistant',
      { messages: [...user('Hi'), said('assistant', { type: 'document', source }), ...user('Hi')] },
    ],
    ['citations of a user', { messages: [said('user', { type: 'text', text: 'Hi', citations: [{}] })] }],
    ['a prefill', { messages: [...user('Hi'), { role: 'assistant', content: '{' }] }],
    ['a forced tool', { tool_choice: { type: 'any' } }],
    ['thinking by budget', { thinking: { type: 'enabled', budget_tokens: 2_000 } }],
    ['no thinking', { thinking: { type: 'disabled' } }],
    ['thinking between tools elsewhere', { model: 'claude-opus-5-5', thinking: { type: 'between_tools' } }],
    ['adaptive thinking on 4.5', { ...haiku45, thinking: { type: 'adaptive' } }],
    ['too many tokens', { max_tokens: 200_000, stream: true }],
    ['no messages', { messages: [] }],
    ['max_tokens as text', { max_tokens: '5' }],
    ['an empty text', { messages: user([{ type: 'text', text: ' ' }]) }],
    ['a geography on 4.5', { ...haiku45, inference_geo: 'us' }],
    ['an unknown geography', { inference_geo: 'mars' }],
    ['filling the cache as a stream', { max_tokens: 0, stream: true }],
    ['filling the cache by schema', { max_tokens: 0, output_config: { format: { type: 'json_schema', schema: {} } } }],
    [
      'filling the cache with a forced tool',
      { ...haiku45, max_tokens: 0, tools: [tool], tool_choice: { type: 'any' } },
    ],
    ['two tools of one name', { tools: [tool, tool] }],
    ['speed where there is none', { model: 'claude-opus-4-7', speed: 'fast' }, fastBeta],
    ['speed without its beta', { model: 'claude-opus-5', speed: 'fast' }],
    ['both lists of domains', { tools: [{ ...webSearch, allowed_domains: ['a.com'], blocked_domains: ['b.com'] }] }],
    ['a filtered search on 4.5', { ...haiku45, tools: [{ ...webSearch, type: 'web_search_20260209' }] }],
    ['more cache marks than four', { system: Array.from({ length: 5 }, () => marked) }],
    ['a search result without its content', { messages: searched({ url: 'u', title: 't' }) }],
    ['more images than a request may have', { messages: images(601) }],
    ['more images than one of 4.5 may have', { ...haiku45, messages: images(101) }],
  ])('%s', async (_name, body, options) => {
    const error = await failure(send(body, options));
    expect(error).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      requestID: expect.stringMatching(/^req_/),
    });
  });

  it('two tools of one name, with their code', async () => {
    expect(await failure(send({ tools: [tool, tool] }))).toMatchObject({ errorCode: 'tool_name_conflict' });
  });

  it.each(['claude-sonnet-4-20250514', 'claude-3-opus-20240229', 'claude-unheard-of'])('404: %s', async (model) => {
    expect(await failure(send({ model }))).toMatchObject({ status: 404, type: 'not_found_error' });
  });
});

describe('taken', () => {
  it.each<[string, object, { headers: Record<string, string> }?]>([
    ['the default of a sampling parameter under the older version', { temperature: 1 }, old],
    ['any of them there before 4.7', { model: 'claude-sonnet-4-6', temperature: 0.2, top_k: 5 }, old],
    ['a prefill on 4.5', { ...haiku45, messages: [...user('Hi'), { role: 'assistant', content: '{' }] }],
    ['four cache marks', { system: Array.from({ length: 4 }, () => marked) }],
    ['speed with its beta', { model: 'claude-opus-5', speed: 'fast' }, fastBeta],
    ['a search result as it was', { messages: searched({ url: 'u', title: 't', encrypted_content: 'x' }) }],
    ['thinking between tools', { thinking: { type: 'between_tools' } }],
    ['a filtered search', { tools: [{ ...webSearch, type: 'web_search_20260209' }] }],
  ])('%s', async (_name, body, options) => {
    expect((await send(body, options)).type).toBe('message');
  });

  it.each([
    ['claude-opus-5-5', 'fast'],
    ['claude-opus-4-6', 'standard'],
  ])('speed on %s runs as %s', async (model, speed) => {
    expect((await send({ model, speed: 'fast' })).usage.speed).toBe(speed);
  });
});
