import { expect, test } from 'vitest';
import { checkPriceDrift } from '../../shared/diagnosis/price-drift.ts';

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
