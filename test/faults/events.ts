import { randomUUID } from 'node:crypto';
import { uuidV7 } from '../../shared/ids.ts';
import type { UsageEvent } from '../../shared/usage-event.ts';

/** The n-th event of a run: one search of one of 20 people, each an instance of its own with one score. */
export function eventNumber(n: number, nowMs: number): UsageEvent {
  const eventId = uuidV7(nowMs);
  return {
    schemaVersion: 1,
    kind: 'usage',
    eventId,
    occurredAt: new Date(nowMs).toISOString(),
    category: 'system.anthropic',
    resource: 'claude-sonnet-5-5',
    requestedResource: 'claude-sonnet-5-5',
    units: { text: { input: 1_000 + (n % 500), output: 200 } },
    unitsEstimated: false,
    endToEndLatencyMs: 900,
    httpStatusCode: 200,
    outcome: 'succeeded',
    attempt: 1,
    providerUri: 'https://api.anthropic.com',
    providerResponseId: `msg_${eventId}`,
    useCase: { name: 'trail_finder', id: randomUUID(), version: 1 },
    useCaseProperties: {},
    requestProperties: {},
    userId: `user-${n % 20}`,
    limitIds: [],
    kpis: n % 10 === 0 ? [{ name: 'search_success', score: true }] : [],
    estimatedCost: 4_000_000,
    holdIds: [],
  };
}
