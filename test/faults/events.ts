import { randomUUID } from 'node:crypto';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { usageEvent } from '../support/events.ts';

/** The n-th event of a run: one search of one of 20 people, each an instance of its own with one score. */
export function eventNumber(n: number, nowMs: number): UsageEvent {
  const eventId = uuidV7(nowMs);
  return usageEvent({
    eventId,
    occurredAt: new Date(nowMs).toISOString(),
    units: { text: { input: 1_000 + (n % 500), output: 200 } },
    providerResponseId: `msg_${eventId}`,
    useCase: { name: 'trail_finder', id: randomUUID(), version: 1 },
    userId: `user-${n % 20}`,
    kpis: n % 10 === 0 ? [{ name: 'search_success', score: true }] : [],
    estimatedCost: 4_000_000,
  });
}
