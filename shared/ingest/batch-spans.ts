import { startSpan, type TraceSpan } from '../telemetry/spans.ts';
import type { Item } from './batch-items.ts';

/** As many links as OpenTelemetry keeps of a span. */
const MAX_LINKS = 128;
const messaging = { 'messaging.system': 'servicebus', 'messaging.operation.type': 'process' } as const;

/** A span of the batch, linked to the calls whose events it has. */
export const startBatchSpan = (items: readonly Item[], startMs: number): TraceSpan =>
  startSpan(
    () => 'process usage-events',
    () => ({
      kind: 'consumer',
      startMs,
      links: items.flatMap(({ outgoing: { event } }) => event.traceparent ?? []).slice(0, MAX_LINKS),
      attributes: { ...messaging, 'messaging.batch.message_count': items.length },
    }),
  );

/**
 * A span of each event in the trace of its call: from the request to Pay-i. The delay is from the end of the call, or from the event's time where
 * it is a score, to the batch.
 */
export function traceItems(items: readonly Item[], startMs: number): void {
  for (const { outgoing, verdict, delivered } of items) {
    const { event, attempt } = outgoing;
    if (event.traceparent === undefined) continue;
    const tookMs = event.kind === 'usage' ? event.endToEndLatencyMs : 0;
    const span = startSpan(
      () => `ingest ${event.useCase.name}`,
      () => ({
        kind: 'consumer',
        parent: event.traceparent,
        startMs,
        attributes: {
          ...messaging,
          'trailmeter.event.id': event.eventId,
          'trailmeter.event.kind': event.kind,
          'trailmeter.queue_delay_ms': Math.max(0, startMs - Date.parse(event.occurredAt) - tookMs),
          'trailmeter.ingest.attempt': attempt,
          'trailmeter.ingest.outcome': verdict?.kind ?? 'accepted',
          'trailmeter.payi.request_id': delivered?.requestId,
        },
      }),
    );
    span.end(verdict && 'code' in verdict ? verdict.code : undefined);
  }
}
