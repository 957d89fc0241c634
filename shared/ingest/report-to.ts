import type { CircuitBreaker } from '../util/circuit-breaker.ts';
import type { Clock } from '../util/clock.ts';
import type { IngestResult } from './ingest-result.ts';

/** Tells the breaker how each bulk ended: what may pass, or got no answer, is a failure of Pay-i; a refusal of an event is not. */
export const reportTo =
  (breaker: CircuitBreaker, clock: Clock) =>
  (outcome: IngestResult): void => {
    if (outcome.kind === 'transient' || outcome.kind === 'uncertain') breaker.failed(clock.now(), outcome.retryAfterMs);
    else breaker.succeeded();
  };
