import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readChatShape } from '../../shared/model/request/openai/chat-shape.ts';
import { readMessagesShape } from '../../shared/model/request/request-shape.ts';
import { boundsItself, cheapBound, exactBound } from '../../shared/tracking/holds/bound.ts';

const atMs = Date.UTC(2026, 10, 23);
const ask = (content: unknown, more: object = {}) =>
  readMessagesShape({ model: 'claude-sonnet-5-5', max_tokens: 100, messages: [{ role: 'user', content }], ...more });

describe('the cheap bound', () => {
  test('covers every byte as a token, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        expect(ask(text).textBytes).toBeGreaterThanOrEqual(Buffer.byteLength(text));
      }),
    );
  });

  test('a chat completion is bounded by what it asks for, under either name', () => {
    const messages = [{ role: 'user', content: 'x' }];
    for (const name of ['max_tokens', 'max_completion_tokens'])
      expect(readChatShape({ model: 'gpt-4o', messages, [name]: 300 }).maxTokens).toBe(300);
    expect(readChatShape({ model: 'gpt-4o', messages }).maxTokens).toBe(16_384);
  });

  test('images count by their ceiling, not by their bytes', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(1_000_000) } };
    const shape = ask([image, image]);
    expect(shape).toMatchObject({ images: 2, opaqueBy: [] });
    expect(shape.textBytes).toBeLessThan(1_000);
    expect(cheapBound(shape, atMs)).toBeGreaterThan(cheapBound(ask('x'), atMs));
  });

  test('text that is dressed up as an image counts as text', () => {
    const input = { type: 'image', source: { data: 'A'.repeat(50_000) } };
    expect(ask([{ type: 'tool_use', id: 't', name: 'n', input }]).textBytes).toBeGreaterThan(50_000);
    const schema = { input_schema: input, input_examples: [input] };
    const shape = ask('x', {
      tools: [{ name: 'n', ...schema }],
      output_config: { format: { type: 'json_schema', schema } },
    });
    expect(shape).toMatchObject({ images: 0, opaqueBy: [], unknown: undefined });
    expect(shape.textBytes).toBeGreaterThan(200_000);
  });

  test.each([
    ['a file', [{ type: 'document', source: { type: 'file', file_id: 'f' } }], {}],
    ['a PDF', [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'A' } }], {}],
    ['a thread', 'x', { thread: { type: 'continue', previous_message_id: 'msg_1' } }],
    ['a container', 'x', { container: 'container_1' }],
    ['skills in a container', 'x', { container: { skills: [{ skill_id: 'pdf', type: 'anthropic' }] } }],
  ])('%s: the context window', (_name, content, more) => {
    expect(cheapBound(ask(content, more), atMs)).toBeGreaterThan(1_000_000n * 2_000n);
  });

  test('server tools do not bound themselves', () => {
    const shape = ask('x', { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] });
    expect(boundsItself(shape)).toBe(false);
    expect(shape.webSearches).toBe(3);
    expect(boundsItself(ask('x', { tools: [{ name: 'own', input_schema: {} }] }))).toBe(true);
  });

  test('tools that a message defines count like those of `tools`', () => {
    const inline = (definition: object) => ({
      messages: [
        { role: 'system', content: [{ type: 'tool_addition', tool: { type: 'tool_definition', definition } }] },
        { role: 'user', content: 'x' },
      ],
    });
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 4 };
    const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-fable-5-2', max_tokens: 100_000 };
    for (const tool of [search, advisor]) {
      const declared = ask('x', { tools: [tool] });
      expect(cheapBound(ask('x', inline(tool)), atMs)).toBeGreaterThanOrEqual(cheapBound(declared, atMs));
      expect(ask('x', inline(tool))).toMatchObject({ serverTools: [tool.type], webSearches: declared.webSearches });
    }
  });

  test.each([
    ['a member', 'x', { spare_tools: [1] }, 'spare_tools'],
    ['a member of a block', [{ type: 'text', text: 'x', see_also: {} }], {}, 'messages.content.see_also'],
    ['a block', [{ type: 'block_of_2027' }], {}, 'messages.content.type block_of_2027'],
    ['a tool', 'x', { tools: [{ type: 'web_search_20270101', name: 'web_search' }] }, 'tools.type web_search_20270101'],
    ['an image where the API reads none', 'x', { system: [{ type: 'image', source: {} }] }, 'system.type image'],
    ['a source', [{ type: 'image', source: { type: 'base128' } }], {}, 'messages.content.source.type base128'],
    ['a list', 'x', { metadata: [] }, 'metadata[]'],
    ['a name in another case', 'x', { Max_Tokens: 5 }, 'Max_Tokens'],
    ['a name from a prototype', 'x', { constructor: 5 }, 'constructor'],
    ['a name that may be a text of the caller', 'x', { 'Tell me: a secret': 5 }, 'of another kind'],
  ])('%s without a rule: nothing bounds the request', (_name, content, more, unknown) => {
    const shape = ask(content, more);
    expect(shape).toMatchObject({ unknown, opaqueBy: [expect.any(String)], countable: false });
    expect(cheapBound(shape, atMs)).toBeGreaterThan(1_000_000n * 2_000n);
  });

  test('nor does one with a beta without a rule', () => {
    const body = { model: 'claude-sonnet-5-5', max_tokens: 100, messages: [] };
    expect(readMessagesShape(body, 'prompt-caching-2024-07-31').unknown).toBeUndefined();
    expect(readMessagesShape(body, 'x-1, prompt-caching-2024-07-31').unknown).toBe('anthropic-beta x-1');
  });

  test('betas that allow more are counted in', () => {
    const body = { model: 'claude-sonnet-4-5', max_tokens: 'all', messages: [], thinking: { type: 'enabled' } };
    const shape = (betas: string, more = {}) => readMessagesShape({ ...body, ...more }, betas);
    expect(shape('output-300k-2026-03-24').maxTokens).toBe(300_000);
    expect(shape('', { max_tokens: 10, thinking: { type: 'enabled', budget_tokens: 50 } }).maxTokens).toBe(60);
    const long = { ...shape('context-1m-2025-08-07'), opaqueBy: ['container'] };
    expect(cheapBound(long, atMs)).toBeGreaterThan(2n * cheapBound({ ...long, longContext: false }, atMs));
  });

  test('a schema of any depth is measured without recursion', () => {
    let schema = {};
    for (let depth = 0; depth < 100_000; depth += 1) schema = { a: schema };
    expect(ask('x', { tools: [{ name: 't', input_schema: schema }] }).textBytes).toBeGreaterThan(1_000_000);
  });

  test('sound at an endpoint for whose surcharge no model has a price of sound is not free', () => {
    const talk = { model: 'gpt-audio', messages: [], max_tokens: 100, modalities: ['text', 'audio'], audio: {} };
    const [shape, other] = [readChatShape(talk), readChatShape({ ...talk, model: 'my-own' })];
    const plain = cheapBound(other, atMs);
    for (const [surcharge, percent] of [
      ['regional', 110n],
      ['gov', 120n],
    ] as const) {
      expect(cheapBound({ ...other, surcharge }, atMs)).toBeGreaterThanOrEqual((plain * percent) / 100n);
      expect(cheapBound({ ...shape, surcharge }, atMs)).toBeGreaterThan(cheapBound(shape, atMs));
    }
  });

  test.each([
    ['fallbacks', (count: number) => ({ fallbacks: Array(count).fill({}) })],
    ['advisors', (count: number) => ({ tools: Array(count).fill({ type: 'advisor_20260301', name: 'a' }) })],
  ])('as many %s as fit into a body: only some are priced, and nothing bounds the request', (_name, more) => {
    expect(ask('x', more(16))).toMatchObject({ unknown: undefined, others: { length: 16 } });
    const many = ask('x', more(50_000));
    expect(many).toMatchObject({
      unknown: 'more than 16 fallbacks and advisors',
      opaqueBy: [expect.any(String)],
      others: { length: 16 },
    });
    expect(many.serverTools.length).toBeLessThan(2);
  });

  const sonnet = ask('x');
  const costOf = (more: object) => cheapBound(ask('x', more), atMs) - cheapBound(sonnet, atMs);
  const alone = (model: string, maxTokens = 100) => cheapBound({ ...sonnet, model, maxTokens }, atMs);

  test('every model of a fallback chain, at its own price and length', () => {
    const fallbacks = [{ model: 'claude-opus-5-5' }, { model: 'claude-opus-5', max_tokens: 5_000 }];
    expect(costOf({ fallbacks })).toBeGreaterThan(alone('claude-opus-5-5') + alone('claude-opus-5', 5_000) - 1_000n);
    expect(costOf({ fallbacks: 'default' })).toBeGreaterThanOrEqual(alone('claude-fable-5-2'));
    const fast = costOf({ fallbacks: [{ model: 'claude-opus-5-5', speed: 'fast' }] });
    expect(fast).toBeGreaterThan(costOf({ fallbacks: [{ model: 'claude-opus-5-5' }] }));
    expect(costOf({ fallbacks: null })).toBeLessThan(10_000_000n);
  });

  test.each([
    ['a PDF can be counted', {}, true],
    ['a thread is not in the request', { thread: { type: 'create' } }, false],
    ['nor are skills', { container: { skills: [] } }, false],
    ['nor what a container holds', { container: 'container_1' }, false],
    ['another model counts otherwise', { fallbacks: [{ model: 'claude-opus-5-5' }] }, false],
  ])('%s', (_name, more, countable) => {
    const pdf = [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'A' } }];
    expect(ask(pdf, more).countable).toBe(countable);
  });

  test('an advisor, and a summary made before', () => {
    const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-5-5', max_tokens: 2_000 };
    expect(ask('x', { tools: [advisor] }).others).toMatchObject([
      { model: 'claude-opus-5-5', maxTokens: 2_000, uses: 10 },
    ]);
    expect(costOf({ tools: [{ ...advisor, max_uses: 3 }] })).toBeGreaterThan(
      costOf({ tools: [{ ...advisor, max_uses: 2 }] }),
    );
    const edits = [{ type: 'compact_20260112' }];
    expect(costOf({ context_management: { edits } })).toBeGreaterThanOrEqual(cheapBound(sonnet, atMs));
    expect(costOf({ compaction: { type: 'summarize' } })).toBeGreaterThanOrEqual(cheapBound(sonnet, atMs));
    expect(
      ask('x', { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }).compactsBy,
    ).toBeUndefined();
  });

  test('caches, fast mode and an unknown model only raise it', () => {
    const plain = cheapBound(ask('hello'), atMs);
    const hour = cheapBound(
      ask([{ type: 'text', text: 'hello', cache_control: { type: 'ephemeral', ttl: '1h' } }]),
      atMs,
    );
    expect(hour).toBeGreaterThan(plain);
    expect(cheapBound({ ...ask('hello'), model: 'claude-unheard-of' }, atMs)).toBeGreaterThan(plain);
    expect(exactBound(ask('hello '.repeat(1_000)), atMs, 1_000)).toBeLessThan(
      cheapBound(ask('hello '.repeat(1_000)), atMs),
    );
  });
});
