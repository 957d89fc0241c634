/** Keeps calls away from a service that fails. Time is passed in, in ms. */
export interface CircuitBreaker {
  /** 0 when a call may be made now, else the ms until one may. */
  waitMs(nowMs: number): number;
  /** As `waitMs`, for who then calls: after a pause one caller goes first, the others wait for what it meets. */
  enter(nowMs: number): number;
  succeeded(): void;
  /** `retryAfterMs`: when the service asked to be called again. */
  failed(nowMs: number, retryAfterMs?: number): void;
}

interface CircuitBreakerOptions {
  threshold: number;
  pauseMs: number;
  /** Called when it opens, and when it closes again. */
  changed?(state: 'open' | 'closed'): void;
}

/** Opens after `threshold` failures in a row, for `pauseMs`, or for as long as the service asked for. */
export function createCircuitBreaker({ threshold, pauseMs, changed }: CircuitBreakerOptions): CircuitBreaker {
  let failures = 0;
  let openUntilMs = 0;
  const waitMs = (nowMs: number) => (failures < threshold ? 0 : Math.max(0, openUntilMs - nowMs));
  return {
    waitMs,
    enter(nowMs) {
      const wait = waitMs(nowMs);
      if (wait === 0 && failures >= threshold) openUntilMs = nowMs + pauseMs;
      return wait;
    },
    succeeded() {
      if (failures >= threshold) changed?.('closed');
      failures = 0;
    },
    failed(nowMs, retryAfterMs = 0) {
      failures += 1;
      if (failures === threshold) changed?.('open');
      openUntilMs = Math.max(openUntilMs, nowMs + Math.max(pauseMs, retryAfterMs));
    },
  };
}
