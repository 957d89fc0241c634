import type { Clock } from './clock.ts';

/** Made once: to make an error costs more than the rest. */
const over = new Error('The work was done in time.');

/** The result of `work`. @throws Error when it takes longer than `ms`; the work itself goes on. */
export async function withTimeout<T>(ms: number, work: Promise<T>, clock: Clock): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(() => {
    throw new Error(`no answer within ${ms} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined); // its abort is not an error
    done.abort(over);
  }
}
