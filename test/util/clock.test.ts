import { expect, test } from 'vitest';
import { systemClock } from '../../shared/util/clock.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';

test('a sleep ends by its time, or with the reason of its signal', async () => {
  const controller = new AbortController();
  await expect(systemClock.sleep(1, controller.signal)).resolves.toBeUndefined();
  const sleep = systemClock.sleep(60_000, controller.signal);
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(sleep).rejects.toBe(reason);
  await expect(systemClock.sleep(60_000, controller.signal)).rejects.toBe(reason);
});

test('work that takes too long is given up', async () => {
  await expect(withTimeout(60_000, Promise.resolve(1), systemClock)).resolves.toBe(1);
  await expect(withTimeout(5, new Promise(() => undefined), systemClock)).rejects.toThrow('no answer within 5 ms');
});
