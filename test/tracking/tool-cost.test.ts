import { describe, expect, test } from 'vitest';
import { readMessagesShape } from '../../shared/model/request/request-shape.ts';
import { type AnswerReading, emptyReading } from '../../shared/model/usage/answer-reading.ts';
import { ToolTurns } from '../../shared/model/usage/tool-turns.ts';
import { emptyUsage, type Usage } from '../../shared/model/usage/usage.ts';
import { runningToolUse, toolUseOf, withToolTurns } from '../../shared/tracking/holds/tool-cost.ts';

/** claude-sonnet-5-5: 2 USD a million tokens of input, 2.50 written to a cache, 0.10 read from it, 10 of output. */
const atMs = Date.UTC(2026, 10, 23);
const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };
const ask = (more: object = {}) =>
  readMessagesShape({
    model: 'claude-sonnet-5-5',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Moab' }],
    tools: [search],
    ...more,
  });

const first: Usage = { ...emptyUsage, input: 1_000, output: 1, inferenceGeo: 'global' };

const runningToolCost = (...of: Parameters<typeof runningToolUse>) => runningToolUse(...of).nanoUsd;
const toolCostOf = (...of: Parameters<typeof toolUseOf>) => toolUseOf(...of)?.nanoUsd;

/** A stream whose first turn had this usage, and one result of 10,000 bytes. */
function reading(usage: Usage = first, facts: Partial<AnswerReading> = {}): AnswerReading {
  const turns = new ToolTurns(usage);
  turns.block({ type: 'web_search_tool_result', content: [{}] }, 10_000, 0);
  return { ...emptyReading(), model: 'claude-sonnet-5-5', usage, turns, ...facts };
}

describe('what server tools have cost while a stream runs', () => {
  test('is nothing without them', () => {
    expect(runningToolCost({ ...emptyReading(), turns: new ToolTurns(first) }, ask(), atMs)).toBe(0n);
    expect(runningToolCost(emptyReading(), ask(), atMs)).toBe(0n);
  });

  test('is the input that turns add, as if it was written to a cache', () => {
    expect(runningToolCost(reading(), ask(), atMs)).toBe(11_000n * 2_500n);
  });

  test('is at the price of a one-hour cache where the request asks for one', () => {
    const cached = ask({ cache_control: { type: 'ephemeral', ttl: '1h' } });
    expect(runningToolCost(reading(), cached, atMs)).toBe(11_000n * 4_000n);
  });

  test('has the turn that comes', () => {
    const coming = reading();
    coming.turns?.block({ type: 'server_tool_use' }, 100, 0);
    expect(runningToolCost(coming, ask(), atMs)).toBe((11_000n + 21_000n) * 2_500n);
  });

  test('follows the zone that the answer names, and the dearest where it names none', () => {
    expect(runningToolCost(reading({ ...first, inferenceGeo: 'us' }), ask(), atMs)).toBe(11_000n * 2_750n);
    expect(runningToolCost(reading({ ...first, inferenceGeo: null }), ask(), atMs)).toBe(11_000n * 2_750n);
  });

  test('is in tokens what turns add, whatever it costs', () => {
    const nothing = { outputTokens: 0n, requests: 0n, images: 0n, webSearches: 0n };
    expect(runningToolUse(reading(), ask(), atMs)).toMatchObject({ ...nothing, inputTokens: 11_000n });
  });

  test('has what the endpoint adds, where the answer names no zone', () => {
    const regional = { ...ask(), surcharge: 'gov' as const };
    expect(runningToolCost(reading({ ...first, inferenceGeo: null }), regional, atMs)).toBe(11_000n * 3_000n);
    const [dear, cheap] = [ask(), { ...ask(), surcharge: 'regional' as const }].map((shape) =>
      runningToolCost(reading({ ...first, inferenceGeo: null }), { ...shape, oneHourCache: true, us: true }, atMs),
    );
    expect(dear).toBe(cheap);
  });

  test('follows the dearest model of a chain', () => {
    const chain = ask({ fallbacks: [{ model: 'claude-opus-5-5' }] });
    expect(runningToolCost(reading(), chain, atMs)).toBeGreaterThan(11_000n * 2_750n);
  });

  test('follows the dearest price where the model has none', () => {
    const unheard = ask({ model: 'claude-unheard-of' });
    const cost = runningToolCost(reading(first, { model: 'claude-unheard-of' }), unheard, atMs);
    expect(cost).toBeGreaterThan(11_000n * 2_750n);
  });
});

describe('usage of a stream that was cut', () => {
  test('has what turns added, as input or as written to a cache', () => {
    expect(withToolTurns(first, reading().turns)).toEqual({ ...first, input: 12_000 });
    const cached = { ...first, cacheRead: 500, cacheWrite: 200 };
    expect(withToolTurns(cached, reading(cached).turns)).toEqual({ ...cached, cacheWrite: 200 + 11_700 });
    expect(withToolTurns(first, undefined)).toBe(first);
    expect(withToolTurns(first, new ToolTurns(first))).toBe(first);
  });
});

describe('what server tools added to a complete answer', () => {
  const total: Usage = { ...first, input: 9_000, output: 500, cacheRead: 100, webSearches: 3 };

  test('is the input beyond the first turn', () => {
    const complete = { ...reading(), usage: total, complete: true };
    expect(toolCostOf(complete, atMs, ask())).toBe(8_000n * 2_000n + 100n * 100n);
  });

  test('is at the price of a one-hour cache where no split explains what was written', () => {
    const complete = { ...reading(), usage: { ...first, cacheWrite: 1_000 }, complete: true };
    const cached = ask({ cache_control: { type: 'ephemeral', ttl: '1h' } });
    expect(toolCostOf(complete, atMs, cached)).toBe(1_000n * 4_000n);
  });

  test('is all input where the first turn is not known', () => {
    const { turns: _, ...whole } = { ...reading(), usage: total, complete: true };
    expect(toolCostOf(whole, atMs, ask())).toBe(9_000n * 2_000n + 100n * 100n);
  });

  test('is counted in tokens too', () => {
    const usage = { ...first, input: 3_000, cacheWrite: 500, cacheRead: 70 };
    const nothing = { outputTokens: 0n, requests: 0n, images: 0n, webSearches: 0n };
    expect(toolUseOf({ ...reading(), usage, complete: true }, atMs, ask())).toMatchObject({
      ...nothing,
      inputTokens: 2_570n,
    });
    const { input: _, ...unsaid } = usage;
    expect(toolUseOf({ ...reading(), usage: { ...unsaid, input: null }, complete: true }, atMs, ask())).toMatchObject({
      inputTokens: 570n,
    });
  });

  test('is unknown where the model has no price', () => {
    const unheard = { ...reading(first, { model: 'claude-unheard-of' }), usage: total, complete: true };
    expect(toolUseOf(unheard, atMs, ask({ model: 'claude-unheard-of' }))).toBeUndefined();
  });

  test('is unknown without totals, and nothing is learned of calls without such tools', () => {
    expect(toolCostOf(reading(), atMs, ask())).toBeUndefined();
    expect(toolCostOf(undefined, atMs, ask())).toBeUndefined();
    expect(toolCostOf({ ...reading(), usage: total, complete: true }, atMs, ask({ tools: [] }))).toBeUndefined();
  });
});
