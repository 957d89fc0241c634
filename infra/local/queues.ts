import type { BrokerConfig } from './servicebus/src/config.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** The queues of the app, with the properties that `infra/` gives them in Azure. */
export const queues = queuesWithLock(5 * minuteMs);

/** The same with another lock duration, for tests that wait for locks to end. */
export function queuesWithLock(lockDurationMs: number): BrokerConfig {
  return {
    queues: [
      {
        name: 'usage-events',
        lockDurationMs,
        maxDeliveryCount: 10,
        defaultTtlMs: 14 * dayMs,
        deadLetterOnExpiry: true,
        duplicateWindowMs: 10 * minuteMs,
      },
      {
        name: 'judge-jobs',
        lockDurationMs,
        maxDeliveryCount: 5,
        defaultTtlMs: 14 * dayMs,
        deadLetterOnExpiry: true,
      },
    ],
  };
}
