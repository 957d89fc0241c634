import { setTimeout as delay } from 'node:timers/promises';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

/**
 * Calls `look` until it returns something else than undefined, more and more seldom.
 * @throws what `late` returns when that takes longer than `forMs`
 */
export async function until<T>(
  look: () => Promise<T | undefined>,
  options: { forMs: number; signal: AbortSignal; late: () => Error },
): Promise<T> {
  const endMs = Date.now() + options.forMs;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() + waitMs > endMs) throw options.late();
    await delay(waitMs, undefined, { signal: options.signal });
  }
}
