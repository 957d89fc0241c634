import { expect, test } from 'vitest';
import { checkPriceDrift, unitDrift } from '../../shared/diagnosis/price-drift.ts';

test.each([
  [1_000_000n, 1_010_000n, true],
  [1_000_000n, 1_010_001n, false],
  [1_000_000n, 989_999n, false],
  [0n, 0n, true],
  [0n, 1n, false],
])('%d nano-USD here and %d at Pay-i: ok is %s', (ours, payi, ok) => {
  expect(checkPriceDrift(new Map([['claude-sonnet-5-5', { calls: 2, ours, payi }]])).ok).toBe(ok);
});

test('it names the models that differ, by how much, and what to do', () => {
  const same = { calls: 1, ours: 1_000_000n, payi: 1_000_000n };
  const fast = { calls: 2, ours: 70_000_000n, payi: 35_000_000n };
  const finding = checkPriceDrift(
    new Map([
      ['claude-sonnet-5-5', same],
      ['claude-opus-5-5', fast],
    ]),
  );
  expect(finding).toMatchObject({
    ok: false,
    found: 'claude-opus-5-5: 2 calls cost 0.07 USD here and 0.035 USD at Pay-i (-50.0 %).',
    mend: expect.stringContaining('docs/prices.md'),
  });
  expect(checkPriceDrift(new Map())).toMatchObject({ ok: true });
});

test('units that were used are compared with Pay-i’s categories, where ingest names no price', () => {
  const row = { model: 'claude-sonnet-5-5', unit: 'text.output', ours: 0.00001, payi: 0.000011 };
  const check = {
    compared: 6,
    rows: [
      row,
      { ...row, unit: 'text.input', ours: 0.000002, payi: 0.00000201 },
      { ...row, unit: 'text_cache_read.input', ours: 0.0000001, payi: null },
      { ...row, unit: 'audio.input', ours: null, payi: 0.5 },
    ],
    missingAtPayi: ['claude-opus-5-5', 'claude-haiku-5-5'],
  };
  const used = new Map([
    ['claude-sonnet-5-5', new Set(['text.input', 'text.output', 'text_cache_read.input'])],
    ['claude-opus-5-5', new Set(['text.input'])],
  ]);
  const faults = unitDrift(check, used);
  expect(faults.map(({ found }) => found)).toEqual([
    "claude-sonnet-5-5, text.output: a million cost 10 USD here and 11 USD in Pay-i's category.",
    "claude-sonnet-5-5, text_cache_read.input: a million cost 0.1 USD here and nothing in Pay-i's category.",
    "claude-opus-5-5: Pay-i's categories do not have it.",
  ]);
  expect(checkPriceDrift(new Map(), faults)).toMatchObject({ ok: false });
  expect(unitDrift(check, new Map())).toEqual([]);
});
