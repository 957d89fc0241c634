/** Keeps calls away from a service that does not serve. Time is given in, in ms. */
export interface Breaker {
  /** 0 when a call may be made now, else the ms until one may. After a pause one caller goes first. */
  waitMs(nowMs: number): number;
  succeeded(): void;
  /** `retryAfterMs`: when the service asked to be called again. */
  failed(nowMs: number, retryAfterMs?: number): void;
}

/** Opens after `threshold` failures in a row, for `pauseMs`, or for as long as the service asked for. */
export function createBreaker({ threshold, pauseMs }: { threshold: number; pauseMs: number }): Breaker {
  let failures = 0;
  let openUntilMs = 0;
  return {
    waitMs(nowMs) {
      if (failures < threshold) return 0;
      if (nowMs < openUntilMs) return openUntilMs - nowMs;
      openUntilMs = nowMs + pauseMs;
      return 0;
    },
    succeeded() {
      failures = 0;
    },
    failed(nowMs, retryAfterMs = 0) {
      failures += 1;
      openUntilMs = Math.max(openUntilMs, nowMs + Math.max(pauseMs, retryAfterMs));
    },
  };
}
