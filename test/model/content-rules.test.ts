import { describe, expect, test } from 'vitest';
import { contextWindow } from '../../shared/model/request/context-window.ts';
import { countTokensBody, countTokensUrl, readTokenCount } from '../../shared/model/request/count-tokens.ts';
import { mostImageTokens, usualImageTokens } from '../../shared/model/request/image-tokens.ts';
import { measure } from '../../shared/model/request/measure.ts';
import { messagesRequest } from '../../shared/model/request/message-rules.ts';
import { runsAtProvider } from '../../shared/model/request/tool-rules.ts';

const found = (content: unknown, more: object = {}) =>
  measure({ messages: [{ role: 'user', content }], ...more }, messagesRequest);
const data = 'A'.repeat(5_000);
const base64 = { type: 'base64', media_type: 'image/png', data };
const image = { type: 'image', source: base64 };
const document = (source: object) => ({ type: 'document', source });
const nothing = { images: 0, opaqueBy: [], documentBytes: 0, oneHourCache: false, bindsModel: false, tools: [] };

describe('what a message holds', () => {
  test.each<[string, unknown, object]>([
    ['text', [{ type: 'text', text: 'x' }], {}],
    ['pictures', [image, image], { images: 2 }],
    ['a picture by its address', [{ type: 'image', source: { type: 'url', url: 'https://a' } }], { images: 1 }],
    ['a picture in a result', [{ type: 'tool_result', tool_use_id: 't', content: [image] }], { images: 1 }],
    ['a PDF', [document(base64)], { documentBytes: 5_000, opaqueBy: ['messages.content.source'] }],
    [
      'two of them',
      [document(base64), document(base64)],
      { documentBytes: 10_000, opaqueBy: ['messages.content.source'] },
    ],
    [
      'a document at an address',
      [document({ type: 'url', url: 'https://a' })],
      { opaqueBy: ['messages.content.source'] },
    ],
    ['a file', [document({ type: 'file', file_id: 'f' })], { opaqueBy: ['messages.content.source'] }],
    ['a document of text', [document({ type: 'text', media_type: 'text/plain', data: 'x' })], {}],
    ['a document of blocks', [document({ type: 'content', content: [image] })], { images: 1 }],
    ['a file for a container', [{ type: 'container_upload', file_id: 'f' }], { opaqueBy: ['messages.content'] }],
    ['what a model thought', [{ type: 'thinking', thinking: 'x', signature: 's' }], { bindsModel: true }],
    ['what nobody may read of it', [{ type: 'redacted_thinking', data: 'x' }], { bindsModel: true }],
    [
      'a cache for an hour',
      [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      { oneHourCache: true },
    ],
    ['a cache of five minutes', [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '5m' } }], {}],
  ])('%s', (_name, content, expected) => {
    expect(found(content)).toMatchObject({ ...nothing, unknown: undefined, ...expected });
  });

  test('has texts of documents in its bytes, and neither pictures nor files', () => {
    for (const content of [[image], [document(base64)]]) expect(found(content).textBytes).toBeLessThan(500);
    expect(found([document({ type: 'text', media_type: 'text/plain', data })]).textBytes).toBeGreaterThan(5_000);
    expect(found([{ type: 'tool_use', id: 't', name: 'n', input: { data } }]).textBytes).toBeGreaterThan(5_000);
  });

  test('defines tools wherever it does', () => {
    const definition = { name: 'n', input_schema: {} };
    const added = { type: 'tool_addition', tool: { type: 'tool_definition', definition } };
    expect(found('x', { tools: [definition, { type: 'bash_20250124', name: 'bash' }] }).tools).toHaveLength(2);
    expect(measure({ messages: [{ role: 'system', content: [added] }] }, messagesRequest).tools).toEqual([definition]);
  });
});

test.each([
  ['custom', false],
  ['bash_20250124', false],
  ['browser_toolset_20260801', false],
  ['web_search_20250305', true],
  ['mcp_toolset', true],
  ['advisor_20260301', true],
  ['of_2031', true],
  ['constructor', true],
])('a tool of type %s runs at the provider: %j', (type, expected) => {
  expect(runsAtProvider(type)).toBe(expected);
});

describe('counting tokens', () => {
  test.each([
    ['https://a.invalid/v1/messages', 'https://a.invalid/v1/messages/count_tokens'],
    ['https://a.invalid/v1/messages?beta=true', 'https://a.invalid/v1/messages/count_tokens?beta=true'],
    ['https://a.invalid/v1/messages/batches', 'https://a.invalid/v1/messages/batches'],
  ])('for %s is at %s', (url, expected) => {
    expect(countTokensUrl(url)).toBe(expected);
  });

  test('takes the members that it knows and the request has', () => {
    const body = { model: 'm', messages: [], max_tokens: 7, system: undefined, speed: null, stream: true };
    expect(JSON.parse(countTokensBody(body))).toEqual({ model: 'm', messages: [], speed: null });
  });

  test.each([
    [200, { input_tokens: 7 }, 7],
    [200, { input_tokens: 0 }, undefined],
    [200, { input_tokens: -1 }, undefined],
    [200, { input_tokens: 7.5 }, undefined],
    [200, { type: 'error', error: { type: 'overloaded_error' } }, undefined],
    [400, { input_tokens: 7 }, undefined],
    [200, { input_tokens: '7' }, undefined],
    [200, {}, undefined],
    [200, null, undefined],
  ])('is answered with %i %j', async (status, body, expected) => {
    const count = readTokenCount(Response.json(body, { status }));
    if (expected === undefined) await expect(count).rejects.toThrow(`No token count: HTTP ${status}`);
    else expect(await count).toBe(expected);
  });
});

test('tokens of pictures', () => {
  expect([mostImageTokens('messages'), mostImageTokens('openai')]).toEqual([4_784, 48_169]);
  expect(['gpt-4o-mini', 'openai/gpt-4o-mini', 'gpt-4o', 'my-gpt-4o-mini'].map(usualImageTokens)).toEqual([
    ...[48_169, 48_169, 1_568, 1_568],
  ]);
});

test.each<[string, number, number]>([
  ['claude-3-haiku-20240307', 200_000, 1_000_000],
  ['claude-haiku-4-5', 200_000, 1_000_000],
  ['claude-opus-4-1', 200_000, 1_000_000],
  ['claude-sonnet-4-20250514', 200_000, 1_000_000],
  ['claude-opus-4-0', 200_000, 1_000_000],
  ['claude-sonnet-4-5', 200_000, 1_000_000],
  ['eu.anthropic.claude-sonnet-4-5-v1:0', 200_000, 1_000_000],
  ['claude-sonnet-5-5', 1_000_000, 1_000_000],
  ['claude-opus-4-6', 1_000_000, 1_000_000],
  ['my-claude-3', 1_000_000, 1_000_000],
  ['Claude-of-2031', 1_000_000, 1_000_000],
  ['', 1_000_000, 1_000_000],
  ['gpt-audio', 128_000, 128_000],
  ['openai/gpt-4o-mini-audio-preview', 128_000, 128_000],
  ['gpt-4o-audio-preview', 128_000, 128_000],
  ['my-gpt-audio', 2_097_152, 2_097_152],
  ['gpt-5.5', 2_097_152, 2_097_152],
])('the context of %s is %i, or %i where it asks for more', (model, usual, long) => {
  expect([contextWindow(model), contextWindow(model, true)]).toEqual([usual, long]);
});
