import { describe, expect, test } from 'vitest';
import { readChatShape } from '../../shared/model/request/openai/chat-shape.ts';
import { readEmbeddingsShape } from '../../shared/model/request/openai/embeddings-shape.ts';
import { mostOutputTokens, showsAllOutput } from '../../shared/model/request/openai/most-output.ts';
import { readResponseShape } from '../../shared/model/request/openai/response-shape.ts';

const chat = (more: object = {}) => readChatShape({ model: 'gpt-4o', messages: [], max_tokens: 100, ...more });
const response = (more: object = {}) => readResponseShape({ model: 'gpt-4o', input: 'x', ...more });
const plain = {
  ...{ api: 'openai', model: 'gpt-4o', stream: false, maxTokens: 100, images: 0, opaqueBy: [], documentBytes: 0 },
  ...{ countable: false, oneHourCache: false, fast: false, us: true, hasTools: false, toolsets: 0, serverTools: [] },
  ...{ webSearches: 0, others: [], compactsBy: undefined, longContext: false, hidesOutput: false, unknown: undefined },
};
const url = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(5_000)}` } };
const file = (file_data: unknown) => ({ type: 'file', file: { file_data } });
const said = (...content: object[]) => ({ messages: [{ role: 'user', content }] });
const given = (...content: object[]) => ({ input: [{ role: 'user', content }] });

describe('a chat completion', () => {
  test('that asks for little', () => {
    expect(chat()).toMatchObject({ ...plain, output: { name: 'max_tokens', times: 1, rest: 0 } });
  });

  test.each([[null], [[]], ['x']])('that is not an object (%j) asks for the most', (body) => {
    expect(readChatShape(body)).toMatchObject({ model: '', stream: false, hasTools: false, hidesOutput: true });
  });

  test.each<[string, object, object]>([
    ['a stream', { stream: true }, { stream: true }],
    ['a stream as a text', { stream: 'true' }, { stream: false }],
    ['a model that is a text', { model: 'tell me a secret' }, { model: '' }],
    ['a model that reasons', { model: 'o3' }, { hidesOutput: true }],
    ['an unknown member', { spare: 1 }, { unknown: 'spare', opaqueBy: ['spare'] }],
    ['a picture', said(url, url), { images: 2, opaqueBy: [], unknown: undefined }],
    ['a file', said(file('A'.repeat(50))), { opaqueBy: ['messages.content'], documentBytes: 50 }],
    ['two files', said(file('A'), file('AA')), { opaqueBy: ['messages.content'], documentBytes: 3 }],
    ['a file without its data', said(file(7), { type: 'file' }), { opaqueBy: ['messages.content'], documentBytes: 0 }],
    ['a tool', { tools: [{ type: 'function', function: { name: 'n' } }] }, { hasTools: true }],
    ['a tool of its own form', { tools: [{ type: 'custom', custom: { name: 'n' } }] }, { hasTools: true }],
    ['an old function', { functions: [{ name: 'n', parameters: {} }] }, { hasTools: true }],
    ['an empty list of tools', { tools: [] }, { hasTools: false }],
    ['an answer that is sound', { modalities: ['text', 'audio'] }, { speaks: true, unknown: undefined }],
    ['an answer that is sound, by its voice', { audio: { voice: 'alloy' } }, { speaks: true }],
    ['an answer of text', { modalities: ['text'], audio: null }, { unknown: undefined, opaqueBy: [] }],
    ['a part of a new type', said({ type: 'input_video' }), { unknown: 'messages.content.type input_video' }],
  ])('%s', (_name, more, expected) => {
    expect(chat(more)).toMatchObject(expected);
  });

  test('without a wish for sound does not speak', () => {
    for (const more of [{}, { modalities: ['text'] }, { audio: [] }, { modalities: 'audio' }])
      expect(chat(more).speaks).toBeUndefined();
  });

  test('the data of pictures and files are not read as text', () => {
    expect(chat(said(url)).textBytes).toBeLessThan(500);
    expect(chat(said(file('A'.repeat(5_000)))).textBytes).toBeLessThan(500);
  });

  test.each<[object, number, object]>([
    [{ max_tokens: 0 }, 0, { name: 'max_tokens', times: 1, rest: 0 }],
    [{ max_tokens: 10_000_000 }, 10_000_000, { name: 'max_tokens' }],
    [{ max_tokens: 10_000_001 }, 16_384, { name: 'max_completion_tokens' }],
    [{ max_tokens: -1 }, 16_384, { name: 'max_completion_tokens' }],
    [{ max_tokens: 1.5 }, 16_384, { name: 'max_completion_tokens' }],
    [{ max_tokens: '7' }, 16_384, { name: 'max_completion_tokens' }],
    [{ max_tokens: null, max_completion_tokens: 7 }, 7, { name: 'max_completion_tokens' }],
    [{ max_tokens: 7, max_completion_tokens: 9 }, 9, { name: 'max_tokens, max_completion_tokens' }],
    [{ max_tokens: 9, max_completion_tokens: 7 }, 9, { name: 'max_tokens, max_completion_tokens' }],
    [{ n: 3 }, 300, { times: 3 }],
    [{ n: null }, 100, { times: 1 }],
    [{ n: 0 }, 100, { times: 1 }],
    [{ n: 128 }, 12_800, { times: 128 }],
    [{ n: 129 }, 12_800, { times: 128 }],
    [{ n: '3' }, 12_800, { times: 128 }],
    [{ prediction: { type: 'content', content: 'ä' } }, 100 + 33, { rest: 33, times: 1 }],
    [{ prediction: 'x', n: 2 }, 200 + 3, { rest: 3, times: 2 }],
  ])('%j: at most %i tokens', (more, maxTokens, output) => {
    expect(chat(more)).toMatchObject({ maxTokens, output });
  });

  test.each<[object, string | undefined]>([
    [{ service_tier: 'auto' }, undefined],
    [{ service_tier: 'default' }, undefined],
    [{ service_tier: 'flex' }, undefined],
    [{ service_tier: null }, undefined],
    [{ service_tier: 'priority' }, 'service_tier of another kind'],
    [{ modalities: ['text'] }, undefined],
    [{ modalities: [] }, undefined],
    [{ modalities: ['text', 'video'] }, 'modalities of another kind'],
    [{ modalities: null }, undefined],
    [{ prompt_cache_options: { ttl: '30m' } }, undefined],
    [{ prompt_cache_options: {} }, undefined],
    [{ prompt_cache_options: null }, undefined],
    [{ prompt_cache_options: { ttl: '24h' } }, 'prompt_cache_options.ttl of another kind'],
  ])('%j sets another price: %j', (more, unknown) => {
    for (const shape of [chat(more), ...('modalities' in more ? [] : [response(more)])])
      expect(shape).toMatchObject({ unknown, opaqueBy: unknown === undefined ? [] : [unknown] });
  });
});

describe('a request for a response', () => {
  test.each<[string, object, object]>([
    ['that asks for little', { max_output_tokens: 100 }, plain],
    ['of any length', {}, { maxTokens: 16_384, output: { name: 'max_output_tokens', times: 1, rest: 0 } }],
    ['of a length that is a text', { max_output_tokens: '7' }, { maxTokens: 16_384 }],
    ['as a stream', { stream: true }, { stream: true }],
    ['of a model that is a text', { model: 'tell me a secret' }, { model: '' }],
    ['of a model that reasons', { model: 'o3' }, { hidesOutput: true }],
    ['with an unknown member', { spare: 1 }, { unknown: 'spare', opaqueBy: ['spare'] }],
    ['with a picture', given({ type: 'input_image', image_url: 'A' }), { images: 1, opaqueBy: [] }],
    ['with a file', given({ type: 'input_file', file_data: 'AAA' }), { opaqueBy: ['input.content'], documentBytes: 3 }],
    [
      'with a file of the provider',
      given({ type: 'input_file', file_id: 'f' }),
      { opaqueBy: ['input.content'], documentBytes: 0 },
    ],
    ['with a tool', { tools: [{ type: 'function', name: 'n' }] }, { hasTools: true }],
    ['with a tool of its own form', { tools: [{ type: 'custom', name: 'n' }] }, { hasTools: true }],
    [
      'with a tool of the provider',
      { tools: [{ type: 'web_search' }] },
      { hasTools: false, unknown: 'tools.type web_search' },
    ],
    [
      'with a message by its type',
      { input: [{ type: 'message', role: 'user', content: 'x' }] },
      { unknown: undefined },
    ],
  ])('%s', (_name, more, expected) => {
    expect(response(more)).toMatchObject(expected);
  });

  test('that is not an object asks for the most', () => {
    expect(readResponseShape(null)).toMatchObject({ model: '', stream: false, hidesOutput: true });
  });

  test('the data of pictures and files are not read as text', () => {
    const data = 'A'.repeat(5_000);
    const parts = [
      { type: 'input_image', image_url: data },
      { type: 'input_file', file_data: data },
    ];
    expect(response(given(...parts)).textBytes).toBeLessThan(500);
  });
});

test.each<[unknown, object]>([
  [
    { model: 'text-embedding-3-small', input: ['x', [1, 2]] },
    { model: 'text-embedding-3-small', unknown: undefined, opaqueBy: [] },
  ],
  [{ model: 'tell me a secret', input: 'x' }, { model: '' }],
  [
    { model: 'm', input: [{ x: 1 }] },
    { unknown: 'input.x', opaqueBy: ['input.x'] },
  ],
  [null, { model: '' }],
])('embeddings of %j', (body, expected) => {
  const nothing = { stream: false, maxTokens: 0, hasTools: false, hidesOutput: false };
  const output = { name: 'max_tokens', times: 1, rest: 0 };
  expect(readEmbeddingsShape(body)).toMatchObject({ api: 'openai', ...nothing, output, ...expected });
});

test.each([
  ['gpt-3.5-turbo', 4_096],
  ['gpt-4-turbo', 4_096],
  ['gpt-4o-mini', 16_384],
  ['gpt-4.1', 32_768],
  ['o1-mini', 65_536],
  ['o3', 100_000],
  ['gpt-5.5', 128_000],
  ['gemini-1.5-pro', 8_192],
  ['gemini-2.0-flash', 8_192],
  ['gemini-3-pro', 65_536],
  ['grok-3', 131_072],
  ['grok-4.6', 500_000],
  ['a-new-one', 2_097_152],
  ['my-gpt-4o', 2_097_152],
])('%s answers with at most %i tokens', (model, most) => {
  expect(mostOutputTokens(model)).toBe(most);
});

test.each([
  ['gpt-3.5-turbo', true],
  ['gpt-4o', true],
  ['gemini-1.5-pro', true],
  ['gemini-2.0-flash', true],
  ['gemini-pro', true],
  ['grok-2', true],
  ['grok-3', true],
  ['grok-3-mini', false],
  ['text-embedding-3-small', true],
  ['gpt-5.5', false],
  ['gemini-3-pro', false],
  ['o3', false],
  ['a-new-one', false],
])('%s shows all that it writes: %j', (model, shows) => {
  expect(showsAllOutput(model)).toBe(shows);
});
