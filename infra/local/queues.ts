import type { BrokerConfig } from './servicebus/src/config.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The queues of the app, with the properties that `infra/` gives them in Azure. */
export const queues = queuesWithLock(5 * MINUTE_MS);

/** The same with another lock duration, for tests that wait for locks to end. */
export function queuesWithLock(lockDurationMs: number): BrokerConfig {
  return {
    queues: [
      {
        name: 'usage-events',
        lockDurationMs,
        maxDeliveryCount: 10,
        defaultTtlMs: 14 * DAY_MS,
        deadLetterOnExpiry: true,
        duplicateWindowMs: 10 * MINUTE_MS,
      },
      {
        name: 'judge-jobs',
        lockDurationMs,
        maxDeliveryCount: 5,
        defaultTtlMs: 14 * DAY_MS,
        deadLetterOnExpiry: true,
      },
    ],
  };
}
