import { fallbackResponseId, type UsageEvent } from '../../events/usage-event.ts';
import type { HeldCall } from './owner-rows.ts';

/** Pay-i's status for calls that had none. */
const NO_STATUS = 299;

/** The event of a call whose process died: no units are known, and its cost is that of its hold until corrected (L2). */
export function abandonedEvent(call: HeldCall): UsageEvent {
  return {
    schemaVersion: 1,
    kind: 'usage',
    eventId: call.eventId,
    occurredAt: new Date(call.occurredAtMs).toISOString(),
    category: call.category,
    resource: call.resource,
    requestedResource: call.resource,
    units: { text: { input: 0, output: 0 } },
    unitsEstimated: true,
    endToEndLatencyMs: 0,
    httpStatusCode: NO_STATUS,
    outcome: 'abandoned',
    attempt: 1,
    providerUri: 'unknown',
    providerResponseId: fallbackResponseId(call.eventId),
    useCase: { name: call.useCaseName, id: call.useCaseId },
    useCaseProperties: {},
    requestProperties: {},
    ...(call.userId !== undefined && { userId: call.userId }),
    ...(call.accountName !== undefined && { accountName: call.accountName }),
    ...(call.keyName !== undefined && { keyName: call.keyName }),
    limitIds: call.limitIdsAtPayi,
    kpis: [],
    estimatedCost: Number(call.held),
    holdIds: [call.holdId],
  };
}
