import { expect, test } from 'vitest';
import { isFlat } from './memory.ts';
import { soak } from './run.ts';

test('a few seconds of mixed load: nothing fails, nothing is lost', async () => {
  const result = await soak({
    loadMs: 4_000,
    sampleMs: 2_000,
    processes: 2,
    concurrency: 4,
    random: Math.random,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  expect(result).toMatchObject({ lost: 0, doubled: 0, outcomes: { failed: 0 }, audit: { ok: true } });
  expect(result.outcomes.answered).toBeGreaterThan(0);
  expect(result.modelCalls).toBeGreaterThan(0);
  expect(result.rssMb.length).toBeGreaterThan(1);
  expect(result.rssMb.every((mb) => mb > 0)).toBe(true);
});

test.each([
  ['at rest', [100, 180, 200, 201, 199, 203, 202], true],
  ['growing', [100, 150, 200, 250, 300, 350, 400], false],
  ['too few samples to tell', [100, 400], true],
])('memory %s', (_name, samples, flat) => {
  expect(isFlat(samples)).toBe(flat);
});
