import { describe, expect, test } from 'vitest';
import { readMessagesShape } from '../../shared/model/request/request-shape.ts';
import { cheapBound, turnBound } from '../../shared/tracking/holds/bound.ts';
import { certainAmounts } from '../../shared/tracking/holds/call-amounts.ts';
import { callKind } from '../../shared/tracking/holds/call-kind.ts';

const atMs = Date.UTC(2026, 10, 23);
const certainBound = (...of: Parameters<typeof certainAmounts>) => certainAmounts(...of).nanoUsd;
const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };
const newerSearch = { type: 'web_search_20260209', name: 'web_search', max_uses: 3 };
const fetching = { type: 'web_fetch_20250910', name: 'web_fetch' };
const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-5-5' };

const ask = (tools: object[], more: object = {}) =>
  readMessagesShape({
    model: 'claude-sonnet-5-5',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Moab' }],
    tools,
    ...more,
  });
const kind = (tools: object[], more: object = {}) => callKind(ask(tools, more));

describe('the kind of a call with server tools', () => {
  test('is its model and the families of its tools, whatever their versions and number', () => {
    expect(kind([search])).toBe('claude-sonnet-5-5:web_search');
    expect(kind([newerSearch, search])).toBe('claude-sonnet-5-5:web_search');
    for (const tools of [
      [search, fetching],
      [fetching, search],
    ])
      expect(kind(tools)).toBe('claude-sonnet-5-5:web_fetch+web_search');
    expect(kind([], { mcp_servers: [{ type: 'url', name: 'n', url: 'https://example.com' }] })).toBe(
      'claude-sonnet-5-5:mcp',
    );
  });

  test('names no model that has no price', () => {
    expect(kind([search], { model: 'a-name-of-the-caller' })).toBe('other:web_search');
  });

  test.each([
    ['without server tools', []],
    ['with an advisor, whose cost a stream does not show', [search, advisor]],
  ])('there is none %s', (_, tools) => {
    expect(kind(tools)).toBeUndefined();
  });
});

describe('what a call with server tools certainly costs', () => {
  test('is what it would cost without what its tools add, and the searches that it allows', () => {
    const alone = cheapBound(ask([]), atMs);
    const certain = certainBound(ask([search]), atMs);
    expect(certain).toBeGreaterThan(alone + 30_000_000n);
    expect(certain).toBeLessThan(alone + 30_000_000n + 40_000_000n);
    expect(cheapBound(ask([search]), atMs)).toBeGreaterThan(20_000_000_000n);
  });

  test('has max_tokens in full', () => {
    const more = certainBound(ask([search], { max_tokens: 128_000 }), atMs) - certainBound(ask([search]), atMs);
    // The number itself is three digits longer.
    expect(more).toBe((128_000n - 100n) * 11_000n + 3n * 2_750n);
  });

  test('is closer with a count of the tokens', () => {
    expect(certainBound(ask([search]), atMs, 500)).toBeLessThan(certainBound(ask([search]), atMs));
  });

  test('one more turn reads the prompt and 25,000 tokens of results at the dearest price of input', () => {
    const without = turnBound(ask([search]), atMs, 0);
    expect(turnBound(ask([search]), atMs, 25_000) - without).toBe(25_000n * 2_750n);
    const chain = ask([search], { fallbacks: [{ model: 'claude-opus-5-5' }] });
    expect(turnBound(chain, atMs, 25_000)).toBeGreaterThan(turnBound(ask([search]), atMs, 25_000));
  });
});
