import { expect, test } from 'vitest';
import { start } from '../../infra/local/payi/test/start.ts';
import { checkPrices } from '../../shared/diagnosis/price-check.ts';
import type { Resource } from '../../shared/payi/categories.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');

/** Pay-i with these resources of one category. */
const payiWith = (resources: Resource[]) => ({
  categories: {
    resources: async function* (category: string) {
      if (category === 'system.anthropic') yield* resources;
    },
  } as never,
});
/** Sonnet 5.5 as it is priced here. */
const sonnet = {
  resource: 'claude-sonnet-5-5',
  start_timestamp: '2026-10-07T00:00:00Z',
  units: {
    text: { input_price: 0.000002, output_price: 0.00001 },
    text_cache_write: { input_price: 0.0000025 },
    text_cache_write_1h: { input_price: 0.000004 },
    text_cache_read: { input_price: 0.0000001 },
    web_search_request: { output_price: 0.01 },
  },
};

test('equal prices leave no row; models that Pay-i lacks are named', async () => {
  const { compared, rows, missingAtPayi } = await checkPrices(payiWith([sonnet]), nowMs);
  expect([compared, rows]).toEqual([6, []]);
  expect(missingAtPayi).toContain('claude-opus-5-5');
  expect(missingAtPayi).not.toContain('claude-sonnet-5-5');
});

test('the version in force counts: neither an older one nor one that is still to come', async () => {
  const other = { ...sonnet, units: { ...sonnet.units, text: { input_price: 1, output_price: 1 } } };
  const older = { ...other, start_timestamp: '2026-09-28T00:00:00Z' };
  const later = { ...other, start_timestamp: '2027-01-01T00:00:00Z' };
  expect((await checkPrices(payiWith([later, sonnet, older]), nowMs)).rows).toEqual([]);
});

test('each difference has its model, its unit and both prices', async () => {
  const { text_cache_read: _, ...units } = sonnet.units;
  const changed = {
    ...sonnet,
    units: { ...units, text: { input_price: 0.000002, output_price: 0.000011 }, audio: { input_price: 0.5 } },
  };
  expect((await checkPrices(payiWith([changed]), nowMs)).rows).toEqual([
    { model: 'claude-sonnet-5-5', unit: 'text.output', ours: 0.00001, payi: 0.000011 },
    { model: 'claude-sonnet-5-5', unit: 'text_cache_read.input', ours: 0.0000001, payi: null },
    { model: 'claude-sonnet-5-5', unit: 'audio.input', ours: null, payi: 0.5 },
  ]);
});

test('the prices of the stand-in are those of the app', async () => {
  const { payi } = await start();
  const { compared, rows } = await checkPrices(payi, nowMs);
  expect(rows).toEqual([]);
  expect(compared).toBeGreaterThan(80);
});
