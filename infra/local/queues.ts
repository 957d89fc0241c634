import type { BrokerConfig } from './servicebus/config.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** The queues of the app, with the properties that `infra/` gives them in Azure. */
export const queues: BrokerConfig = {
  queues: [
    {
      name: 'usage-events',
      lockDurationMs: 5 * minuteMs,
      maxDeliveryCount: 10,
      defaultTtlMs: 14 * dayMs,
      deadLetterOnExpiry: true,
      duplicateWindowMs: 10 * minuteMs,
    },
    {
      name: 'judge-jobs',
      lockDurationMs: 5 * minuteMs,
      maxDeliveryCount: 5,
      defaultTtlMs: 14 * dayMs,
      deadLetterOnExpiry: true,
    },
  ],
};
