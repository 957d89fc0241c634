import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRequestShape } from '../../shared/model/request-shape.ts';
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
  ])('%s: the context window', (_name, content, more) => {
    expect(cheapBound(ask(content, more), atMs)).toBeGreaterThan(1_000_000n * 2_000n);
  });

  test('server tools do not bound themselves', () => {
    const shape = ask('x', { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] });
    expect(boundsItself(shape)).toBe(false);
    expect(shape.webSearches).toBe(3);
    expect(boundsItself(ask('x', { tools: [{ name: 'own', input_schema: {} }] }))).toBe(true);
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
