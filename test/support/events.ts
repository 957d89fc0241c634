import type { Received } from '../../shared/events/queued-event.ts';
import { messageId, type QueuedEvent, toMessage } from '../../shared/events/queued-event.ts';
import { fallbackResponseId, type KpiEvent, type UsageEvent } from '../../shared/events/usage-event.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';
import type { Clock } from '../../shared/util/clock.ts';
import { uuidV7 } from '../../shared/util/ids.ts';

export const startMs = Date.parse('2026-11-23T10:00:00Z');

/** A usage event of a succeeded call; `change` wins. */
export function usageEvent(change: Partial<UsageEvent> = {}): UsageEvent {
  const eventId = change.eventId ?? uuidV7(startMs);
  return {
    schemaVersion: 1,
    kind: 'usage',
    eventId,
    occurredAt: new Date(startMs).toISOString(),
    category: 'system.anthropic',
    resource: 'claude-sonnet-5-5',
    requestedResource: 'claude-sonnet-5-5',
    units: { text: { input: 120, output: 80 } },
    unitsEstimated: false,
    endToEndLatencyMs: 900,
    httpStatusCode: 200,
    outcome: 'succeeded',
    attempt: 1,
    providerUri: 'https://api.anthropic.com',
    providerResponseId: fallbackResponseId(eventId),
    useCase: { name: 'trail_search', id: `run-${eventId}`, version: 1 },
    useCaseProperties: {},
    requestProperties: {},
    userId: 'u1',
    limitIds: [],
    kpis: [],
    estimatedCost: 1_560_000,
    holdIds: [],
    ...change,
  };
}

export function kpiEvent(of: UsageEvent, score: number | boolean, change: Partial<KpiEvent> = {}): KpiEvent {
  return {
    schemaVersion: 1,
    kind: 'kpi',
    eventId: uuidV7(startMs),
    occurredAt: new Date(startMs).toISOString(),
    useCase: of.useCase,
    kpis: [{ name: 'helpful', score }],
    ...change,
  };
}

/** A message as the host hands it over. */
export function received(outgoing: QueuedEvent, redelivered = false): Received {
  return {
    body: JSON.parse(JSON.stringify(outgoing.event)),
    messageId: messageId(outgoing),
    redelivered,
    properties: toMessage(outgoing).applicationProperties ?? {},
  };
}

/** A clock that stands still until it is asked to go on; sleeping moves it. */
export function manualClock(nowMs = startMs): Clock & { nowMs: number } {
  return {
    nowMs,
    now() {
      return this.nowMs;
    },
    async sleep(ms) {
      this.nowMs += ms;
    },
  };
}

export interface Noted {
  event: string;
  fields: Record<string, unknown>;
}

/** Keeps what is reported. */
export function noting(): Telemetry & { notes: Noted[] } {
  const notes: Noted[] = [];
  const note = (event: string, fields: Record<string, unknown> = {}) => void notes.push({ event, fields });
  return {
    notes,
    info: note,
    warn: note,
    error: note,
    count: (metric, by) => note(metric, { by }),
    measure: (metric, value) => note(metric, { value }),
  };
}

/** Everything that an iterable gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
