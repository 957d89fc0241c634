import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRequestShape } from '../../shared/model/request/request-shape.ts';
import { boundsItself, cheapBound, exactBound } from '../../shared/tracking/bound.ts';

const atMs = Date.UTC(2026, 10, 23);
const ask = (content: unknown, more: object = {}) =>
  readRequestShape({ model: 'claude-sonnet-5-5', max_tokens: 100, messages: [{ role: 'user', content }], ...more });

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
      expect(readRequestShape({ model: 'gpt-4o', messages, [name]: 300 }).maxTokens).toBe(300);
    expect(readRequestShape({ model: 'gpt-4o', messages }).maxTokens).toBe(128_000);
  });

  test('images count by their ceiling, not by their bytes', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(1_000_000) } };
    const shape = ask([image, image]);
    expect(shape).toMatchObject({ images: 2, opaque: false });
    expect(shape.textBytes).toBeLessThan(1_000);
    expect(cheapBound(shape, atMs)).toBeGreaterThan(cheapBound(ask('x'), atMs));
  });

  test('text that is dressed up as an image counts as text', () => {
    const input = { type: 'image', source: { data: 'A'.repeat(50_000) } };
    expect(ask([{ type: 'tool_use', id: 't', name: 'n', input }]).textBytes).toBeGreaterThan(50_000);
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
    expect(ask('x', { tools: [advisor] }).others).toMatchObject([{ model: 'claude-opus-5-5', maxTokens: 2_000 }]);
    const edits = [{ type: 'compact_20260112' }];
    expect(costOf({ context_management: { edits } })).toBeGreaterThanOrEqual(cheapBound(sonnet, atMs));
    expect(ask('x', { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }).compacts).toBe(false);
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
