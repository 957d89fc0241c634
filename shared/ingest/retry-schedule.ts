const FIRST_MS = 2_000;
const CAP_MS = 15 * 60_000;
const LIMIT_MS = 3 * 24 * 3_600_000;

export interface RetryInput {
  /** Attempts made so far, from 1. */
  attempt: number;
  nowMs: number;
  /** When the event was first put off, ms UTC. */
  sinceMs: number;
  /** When Pay-i asked to be called again, in ms from now. */
  retryAfterMs?: number | undefined;
  /** A random number of [0, 1). */
  random: number;
}

/**
 * When an event is due again (ms UTC), or undefined when it was tried for three days: exponential from 2 s to 15 min, of
 * which up to half is left to chance, so that the events of an outage don't come back all at once. Never before
 * `Retry-After`, as far as that stays within the cap.
 */
export function nextAttemptAt({ attempt, nowMs, sinceMs, retryAfterMs = 0, random }: RetryInput): number | undefined {
  if (nowMs - sinceMs >= LIMIT_MS) return undefined;
  const backoffMs = Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 20), CAP_MS);
  const jittered = backoffMs * (0.5 + random / 2);
  const asked = Math.min(retryAfterMs, CAP_MS);
  // Spread after Retry-After too: it is the same instant for everyone. Without one this is never above the backoff.
  return Math.round(nowMs + Math.max(jittered, asked + random * FIRST_MS));
}
