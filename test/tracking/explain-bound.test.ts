import { describe, expect, test } from 'vitest';
import { readChatShape } from '../../shared/model/request/openai/chat-shape.ts';
import { type RequestShape, readMessagesShape } from '../../shared/model/request/request-shape.ts';
import { cheapBound } from '../../shared/tracking/holds/bound.ts';
import { explainBound } from '../../shared/tracking/holds/explain-bound.ts';
import { usd } from '../limits/helpers.ts';

const atMs = Date.UTC(2026, 10, 23);
const ask = (more: object = {}, model = 'claude-opus-4-8') =>
  readMessagesShape({ model, max_tokens: 1_000, messages: [{ role: 'user', content: 'x' }], ...more });
const explain = (shape: RequestShape, left: number, more = {}) =>
  explainBound(shape, { unit: 'usd', atMs, left: usd(left), ...more });
const members = (shape: RequestShape, left = 0) => explain(shape, left).parts.map(({ member }) => member);

test('a container: the context window is counted for it, and without it the call fits', () => {
  const { parts, fits } = explain(ask({ container: 'container_1' }), 5);
  expect(parts[0]).toMatchObject({ member: 'container', why: expect.stringContaining('1000000 tokens') });
  expect(parts[0]?.amount).toBeGreaterThan(usd(6));
  expect(fits).toEqual([{ member: 'container', change: 'leave_out' }]);
});

describe('the largest part of the bound of', () => {
  const file = { type: 'document', source: { type: 'file', file_id: 'f' } };
  const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'A' } };
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A' } };
  const content = (...blocks: object[]) => ({ messages: [{ role: 'user', content: blocks }] });
  const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };
  test.each([
    ['a long answer', ask({ max_tokens: 60_000 }), 'max_tokens'],
    ['no max_tokens', ask({ max_tokens: undefined }), 'max_tokens'],
    [
      'a budget beyond max_tokens',
      ask({ thinking: { type: 'enabled', budget_tokens: 30_000 } }),
      'thinking.budget_tokens',
    ],
    ['long messages', ask(content({ type: 'text', text: 'x'.repeat(90_000) })), 'messages'],
    ['a long system prompt', ask({ system: 'x'.repeat(90_000) }), 'system'],
    ['a long schema', ask({ tools: [{ name: 'n', input_schema: { description: 'x'.repeat(90_000) } }] }), 'tools'],
    ['pictures', ask(content(...Array(30).fill(image))), 'messages'],
    ['a file', ask(content(file)), 'messages.content.source'],
    ['a PDF', ask(content(pdf)), 'messages.content.source'],
    ['a web search', ask({ tools: [search] }), 'tools'],
    ['MCP servers', ask({ mcp_servers: [{ type: 'url', url: 'https://a.invalid', name: 'a' }] }), 'mcp_servers'],
    ['a member that is not known', ask({ spare: 1 }), 'spare'],
    ['fallbacks', ask({ fallbacks: [{ model: 'claude-opus-4-8', max_tokens: 100_000 }] }), 'fallbacks'],
    ['a chat completion', readChatShape({ model: 'gpt-4o', messages: [], n: 100 }), 'max_completion_tokens'],
    [
      'a chat completion with a limit',
      readChatShape({ model: 'gpt-4o', messages: [], max_tokens: 9_000 }),
      'max_tokens',
    ],
  ])('%s', (_, shape, member) => {
    expect(members(shape)[0]?.split(', ')[0]).toBe(member);
  });
});

test('the parts come to the bound, but for what the API adds by itself', () => {
  for (const shape of [
    ask({ max_tokens: 60_000, system: 'x'.repeat(40_000) }),
    ask({ container: 'c' }),
    ask({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }),
    ask({ fallbacks: [{}, {}], compaction: { type: 'compact_20260904' } }),
    ask({ container: 'c' }, 'model-of-2031'),
  ]) {
    const sum = explain(shape, 0).parts.reduce((all, { amount }) => all + amount, 0n);
    const bound = cheapBound(shape, atMs);
    expect(sum).toBeLessThanOrEqual(bound + 10n);
    expect(Number(sum)).toBeGreaterThan(Number(bound) * 0.8);
  }
});

describe('what would make it fit', () => {
  test('is the longest answer that fits, to the token', () => {
    const shape = ask({ max_tokens: 60_000 });
    const [change] = explain(shape, 0.2).fits;
    expect(change).toMatchObject({ member: 'max_tokens', change: 'at_most', value: expect.any(Number) });
    const most = change?.value ?? 0;
    expect(cheapBound({ ...shape, maxTokens: most }, atMs)).toBeLessThanOrEqual(usd(0.2));
    expect(cheapBound({ ...shape, maxTokens: most + 1 }, atMs)).toBeGreaterThan(usd(0.2));
  });

  test('leaves out all that brings content along, or says nothing', () => {
    const document = { type: 'document', source: { type: 'file', file_id: 'f' } };
    const shape = ask({ container: 'c', messages: [{ role: 'user', content: [document, document] }] });
    expect(explain(shape, 5).fits).toEqual([{ member: 'messages.content.source, container', change: 'leave_out' }]);
    expect(explain(shape, 0.0001).fits).toEqual([]);
  });

  test('is never to leave out what has no rule: nothing is known of the rest', () => {
    expect(explain(ask({ spare: 1 }), 5).fits).toEqual([]);
  });

  test('with a learned bound counts what the tools cost, unless they are left out', () => {
    const shape = ask({ tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 1 }], stream: true });
    const { parts, fits } = explain(shape, 0.1, { tools: usd(0.25) });
    expect(parts[0]).toMatchObject({ member: 'web_search_20250305', amount: usd(0.25) });
    expect(fits).toEqual([{ member: 'web_search_20250305', change: 'leave_out' }]);
  });

  test('by the count of the provider is less than by the bytes', () => {
    const shape = ask({ system: 'x'.repeat(90_000), max_tokens: 60_000 });
    const ofBytes = explain(shape, 1).fits[0]?.value ?? 0;
    const counted = explain(shape, 1, { countedTokens: 9_000 });
    expect(counted.fits[0]?.value).toBeGreaterThan(ofBytes);
    expect(counted.parts.find(({ member }) => member === 'system')?.why).toContain('9450 tokens');
  });
});

describe('a limit of another unit than USD', () => {
  const units = (
    shape: RequestShape,
    unit: 'tokens' | 'output_tokens' | 'images' | 'web_searches' | 'requests',
    left = 0n,
  ) => explainBound(shape, { unit, atMs, left });
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A' } };
  const pictures = { messages: [{ role: 'user', content: [image, image, image] }] };
  const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };

  test('its parts are pieces of the unit, by the members that cause them', () => {
    const long = ask({ max_tokens: 2_000, system: 'x'.repeat(10_000) });
    const { parts } = units(long, 'tokens');
    expect(parts.map(({ member }) => member).slice(0, 2)).toEqual(['system', 'max_tokens']);
    expect(parts[0]?.amount).toBeGreaterThanOrEqual(10_000n);
    expect(parts[1]?.amount).toBe(2_000n);
    expect(units(long, 'output_tokens').parts).toMatchObject([{ member: 'max_tokens', amount: 2_000n }]);
    expect(units(ask(pictures), 'images').parts).toMatchObject([{ member: 'messages', amount: 3n }]);
    expect(units(ask({ tools: [search] }), 'web_searches').parts).toMatchObject([{ member: 'tools', amount: 3n }]);
    expect(units(long, 'requests').parts).toEqual([]);
  });

  test('what would make the call fit is said in the same unit', () => {
    expect(units(ask({ max_tokens: 2_000 }), 'output_tokens', 500n).fits).toEqual([
      { member: 'max_tokens', change: 'at_most', value: 500 },
    ]);
    expect(units(ask({ tools: [search] }), 'web_searches').fits).toEqual([
      { member: 'web_search_20250305', change: 'leave_out' },
    ]);
    expect(units(ask(pictures), 'requests').fits).toEqual([]);
  });
});
