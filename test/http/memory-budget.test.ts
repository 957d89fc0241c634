import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryBudget } from '../../shared/http/memory/memory-budget.ts';
import type { Clock } from '../../shared/util/clock.ts';

/** Time passes when a test says so. */
const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const budget = (bytes: number, maxShares?: number) =>
  new MemoryBudget({ bytes, clock, ...(maxShares !== undefined && { maxShares }) });

/** What has settled once all that can run has run. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  await vi.advanceTimersByTimeAsync(0);
  return done;
}

test('what fits is given at once; what does not waits for room, in order', async () => {
  const memory = budget(100);
  const first = await memory.take(60);
  const large = memory.take(50);
  const small = memory.take(10);
  expect([await settled(large), await settled(small)]).toEqual([false, false]);
  first.release();
  expect([await settled(large), await settled(small)]).toEqual([true, true]);
});

test('after 10 seconds it is refused with 503 and Retry-After, and whoever is next gets its turn', async () => {
  const memory = budget(100);
  await memory.take(60);
  const large = memory.take(50);
  const refused = expect(large).rejects.toMatchObject({ code: 'busy', status: 503, retryAfterSeconds: 5 });
  await vi.advanceTimersByTimeAsync(5_000);
  const small = memory.take(40);
  await vi.advanceTimersByTimeAsync(5_000);
  await refused;
  expect(await settled(small)).toBe(true);
});

test('a share that is larger than the budget gets all of it', async () => {
  const memory = budget(100);
  const all = await memory.take(1_000);
  expect(all.bytes).toBe(100);
  const next = memory.take(1);
  expect(await settled(next)).toBe(false);
  all.release();
  expect(await settled(next)).toBe(true);
});

test('a share gives back what it no longer needs, and is released once', async () => {
  const memory = budget(100);
  const share = await memory.take(100);
  await share.resize(30);
  const other = await memory.take(70);
  share.release();
  share.release();
  await share.resize(100);
  await memory.take(30);
  expect(await settled(memory.take(1))).toBe(false);
  other.release();
});

test('a share that grows waits as well', async () => {
  const memory = budget(100);
  const [one, other] = [await memory.take(50), await memory.take(50)];
  const grown = one.resize(80);
  expect(await settled(grown)).toBe(false);
  other.release();
  await grown;
  expect(one.bytes).toBe(80);
});

test('the number of shares is bounded too', async () => {
  const memory = budget(100, 2);
  const one = await memory.take(1);
  await memory.take(1);
  const third = memory.take(1);
  expect(await settled(third)).toBe(false);
  one.release();
  expect(await settled(third)).toBe(true);
});
