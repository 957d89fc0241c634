import { describe, expect, test } from 'vitest';
import { estimateTextTokens, readMessagesShape } from '../../shared/model/request/request-shape.ts';

const body = { model: 'claude-opus-5-5', max_tokens: 100, messages: [] };
const shapeOf = (more: object = {}, betas?: string) => readMessagesShape({ ...body, ...more }, betas);
const search = (more: object = {}) => ({ type: 'web_search_20250305', name: 'web_search', ...more });
const own = { name: 'own', input_schema: {} };
const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-5' };
const inMessage = (definition: object) => ({
  messages: [{ role: 'system', content: [{ type: 'tool_addition', tool: { type: 'tool_definition', definition } }] }],
});

test('a plain request', () => {
  expect(shapeOf()).toMatchObject({
    ...{ api: 'messages', model: 'claude-opus-5-5', stream: false, maxTokens: 100, images: 0, opaqueBy: [] },
    ...{ documentBytes: 0, countable: true, oneHourCache: false, fast: false, us: true, hasTools: false, toolsets: 0 },
    ...{ serverTools: [], webSearches: 0, others: [], compactsBy: undefined, longContext: false, hidesOutput: false },
    ...{ unknown: undefined, output: { name: 'max_tokens', times: 1, rest: 0, least: 1 } },
  });
});

test.each([[null], [[]], ['x'], [7]])('a body that is not an object (%j) asks for the most', (given) => {
  expect(readMessagesShape(given)).toMatchObject({ model: '', maxTokens: 128_000, stream: false, others: [] });
});

test.each<[string, object, object]>([
  ['stream', { stream: true }, { stream: true }],
  ['stream as a text', { stream: 'true' }, { stream: false }],
  ['a model that is a text', { model: 'tell me a secret' }, { model: '' }],
  ['speed', { speed: 'fast' }, { fast: true, unknown: undefined }],
  ['the usual speed', { speed: 'standard' }, { fast: false, unknown: undefined }],
  ['no speed', { speed: null }, { fast: false, unknown: undefined }],
  ['another speed', { speed: 'faster' }, { unknown: 'speed of another kind', countable: false }],
  ['a fast fallback', { fallbacks: [{}, { speed: 'fast' }] }, { fast: true }],
  ['fallbacks that are not', { fallbacks: [{}, { speed: 'standard' }] }, { fast: false }],
  ['a fallback of another speed', { fallbacks: [{ speed: 'faster' }] }, { unknown: 'speed of another kind' }],
  ['a place outside the US', { inference_geo: 'global' }, { us: false }],
  ['a place in the US', { inference_geo: 'us' }, { us: true }],
  ['a cache for an hour', { cache_control: { type: 'ephemeral', ttl: '1h' } }, { oneHourCache: true }],
  ['a cache for minutes', { cache_control: { type: 'ephemeral', ttl: '5m' } }, { oneHourCache: false }],
  ['a cache of the usual time', { cache_control: { type: 'ephemeral', ttl: null } }, { unknown: undefined }],
  [
    'a cache for a day',
    { cache_control: { type: 'ephemeral', ttl: '24h' } },
    { unknown: 'cache_control.ttl of another kind' },
  ],
  ['compaction', { compaction: { type: 'auto' } }, { compactsBy: 'compaction' }],
  ['no compaction', { compaction: null }, { compactsBy: undefined }],
  [
    'an edit that compacts',
    { context_management: { edits: [{ type: 'clear_thinking_20251015' }, { type: 'compact_20260112' }] } },
    { compactsBy: 'context_management' },
  ],
  [
    'edits that do not',
    { context_management: { edits: [{ type: 'clear_thinking_20251015' }, null] } },
    { compactsBy: undefined },
  ],
  ['no list of edits', { context_management: { edits: {} } }, { compactsBy: undefined }],
  ['no edits', { context_management: [] }, { compactsBy: undefined }],
  ['a thread', { thread: { type: 'create' } }, { opaqueBy: ['thread'], countable: false }],
  ['a container', { container: 'c' }, { opaqueBy: ['container'], countable: false }],
  ['neither', { thread: null, container: null }, { opaqueBy: [], countable: true }],
  ['an unknown member', { spare: 1 }, { opaqueBy: ['spare'], unknown: 'spare', countable: false }],
])('%s', (_name, more, expected) => {
  expect(shapeOf(more)).toMatchObject(expected);
});

describe('how long an answer may be', () => {
  const thinking = (budget_tokens: unknown) => ({ thinking: { type: 'enabled', budget_tokens } });
  const own = (least: number) => ({ name: 'max_tokens', times: 1, rest: 0, least });
  test.each<[unknown, number]>([
    [0, 0],
    [1_000_000, 1_000_000],
    [1_000_001, 128_000],
    [-1, 128_000],
    [1.5, 128_000],
    ['100', 128_000],
    [undefined, 128_000],
  ])('max_tokens %j is %i', (max_tokens, maxTokens) => {
    expect(shapeOf({ max_tokens })).toMatchObject({ maxTokens, output: own(1) });
  });
  test('with a beta the most is more', () => {
    expect(shapeOf({ max_tokens: null }, 'output-300k-2026-03-24').maxTokens).toBe(300_000);
    expect(shapeOf({ max_tokens: 7 }, 'output-300k-2026-03-24').maxTokens).toBe(7);
  });
  test.each<[unknown, number, object]>([
    [99, 100, own(100)],
    [100, 200, { name: 'thinking.budget_tokens', times: 1, rest: 100 }],
    [5_000, 5_100, { name: 'thinking.budget_tokens', times: 1, rest: 100 }],
    ['5000', 100, own(1)],
  ])('a budget of %j to think', (budget, maxTokens, output) => {
    expect(shapeOf(thinking(budget))).toMatchObject({ maxTokens });
    expect(shapeOf(thinking(budget)).output).toEqual(output);
  });
  test('a list is not a budget', () => {
    expect(shapeOf({ thinking: Object.assign([], { budget_tokens: 5_000 }) }).maxTokens).toBe(100);
  });
});

describe('tools', () => {
  const searches = 100;
  test.each<[string, object, object]>([
    ['of its own', { tools: [own] }, { hasTools: true, toolsets: 0, serverTools: [], webSearches: 0 }],
    ['of its own, by its type', { tools: [{ ...own, type: 'custom' }] }, { toolsets: 0, serverTools: [] }],
    ['that the API describes', { tools: [{ type: 'bash_20250124', name: 'bash' }] }, { toolsets: 1, serverTools: [] }],
    [
      'in a message',
      inMessage(search()),
      { hasTools: true, webSearches: searches, serverTools: ['web_search_20250305'] },
    ],
    ['that search', { tools: [search({ max_uses: 3 })] }, { webSearches: 3, toolsets: 1 }],
    ['that search twice', { tools: [search({ max_uses: 3 }), search({ max_uses: 4 })] }, { webSearches: 7 }],
    ['that never search', { tools: [search({ max_uses: 0 })] }, { webSearches: 0 }],
    ['that search as often as they like', { tools: [search()] }, { webSearches: searches }],
    ['with a wrong number', { tools: [search({ max_uses: '3' })] }, { webSearches: searches }],
    ['with a number below zero', { tools: [search({ max_uses: -1 })] }, { webSearches: searches }],
    ['with a fraction', { tools: [search({ max_uses: 1.5 })] }, { webSearches: searches }],
    ['with the largest number', { tools: [search({ max_uses: 1_000_000 })] }, { webSearches: 1_000_000 }],
    ['with a larger number', { tools: [search({ max_uses: 1_000_001 })] }, { webSearches: searches }],
    [
      'that fetch',
      { tools: [{ type: 'web_fetch_20250910', max_uses: 3 }] },
      { webSearches: 0, serverTools: ['web_fetch_20250910'] },
    ],
    [
      'of a new type',
      { tools: [{ type: 'x_2027' }] },
      { serverTools: [], unknown: 'tools.type x_2027', hasTools: false },
    ],
    ['whose type is a text', { tools: [{ type: 'tell me' }] }, { unknown: 'tools.type of another kind' }],
    ['of MCP servers', { mcp_servers: [{ name: 'a' }] }, { serverTools: ['mcp'], hasTools: false }],
    ['of no MCP server', { mcp_servers: [] }, { serverTools: [] }],
    ['of MCP servers that are not a list', { mcp_servers: { length: 3 } }, { serverTools: [] }],
    [
      'by name and once each',
      { tools: [search(), { type: 'web_fetch_20250910' }, search()], mcp_servers: [{}] },
      { serverTools: ['mcp', 'web_fetch_20250910', 'web_search_20250305'] },
    ],
    [
      'that advise',
      { tools: [advisor] },
      { others: [{ model: 'claude-opus-5' }], countable: false, serverTools: ['advisor_20260301'] },
    ],
  ])('%s', (_name, more, expected) => {
    expect(shapeOf(more)).toMatchObject(expected);
  });
});

test('so many other models are priced, and more are not bounded', () => {
  const fallbacks = (count: number) => ({ fallbacks: Array.from({ length: count }, () => ({})) });
  expect(shapeOf(fallbacks(16))).toMatchObject({ others: { length: 16 }, unknown: undefined, countable: false });
  expect(shapeOf(fallbacks(17))).toMatchObject({
    others: { length: 16 },
    unknown: 'more than 16 fallbacks and advisors',
  });
});

test('betas', () => {
  expect(shapeOf({}, 'context-1m-2025-08-07')).toMatchObject({ longContext: true, unknown: undefined });
  expect(shapeOf({}, 'brand-new')).toMatchObject({
    unknown: 'anthropic-beta brand-new',
    opaqueBy: ['anthropic-beta brand-new'],
  });
  expect(shapeOf({}, 'x'.repeat(500)).unknown).toHaveLength(80);
  expect(shapeOf({ spare: 1 }, 'brand-new').unknown).toBe('spare');
});

test('a token has four bytes, roughly', () => {
  expect([0, 1, 4, 5].map(estimateTextTokens)).toEqual([0, 1, 1, 2]);
});
