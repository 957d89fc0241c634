import type { ServiceBusMessage } from '@azure/service-bus';
import { z } from 'zod';
import { type TrackedEvent, trackedEventSchema } from './usage-event.ts';

/** What is still to be done for an event: everything, its KPIs, or only its row in the ledger. */
const remainingSchema = z.enum(['all', 'kpis', 'record']);

/** An event on its way through the queue. */
export const queuedEventSchema = z.strictObject({
  event: trackedEventSchema,
  /** 0 for an event that was never tried. From 1 on it is looked up before it is ingested (D3). */
  attempt: z.number().int().min(0),
  remaining: remainingSchema,
  /** When it was first put off, ms UTC; absent while it never was. */
  sinceMs: z.number().int().optional(),
  /** Not to be delivered before, ms UTC. */
  dueAtMs: z.number().int().optional(),
});
export type QueuedEvent = z.infer<typeof queuedEventSchema>;

export const firstSend = (event: TrackedEvent): QueuedEvent => ({ event, attempt: 0, remaining: 'all' });

/** A send of it may have been accepted, and duplicate detection forgets after its window: Pay-i is asked for it first (D3). */
export const asTried = (outgoing: QueuedEvent): QueuedEvent => ({
  ...outgoing,
  attempt: Math.max(outgoing.attempt, 1),
});

/**
 * The message id. A put-off event needs one of its own, since duplicate detection would drop the event's first one; made
 * of the attempt, it is the same when a crashed batch is delivered again and puts the same event off once more.
 */
export const messageId = ({ event, attempt }: Pick<QueuedEvent, 'event' | 'attempt'>): string =>
  attempt === 0 ? event.eventId : `${event.eventId}.${attempt}`;

export function toMessage(outgoing: QueuedEvent, id = messageId(outgoing)): ServiceBusMessage {
  const { event, attempt, remaining, sinceMs, dueAtMs } = outgoing;
  return {
    messageId: id,
    contentType: 'application/json',
    subject: event.useCase.name,
    body: event,
    applicationProperties: {
      kind: event.kind,
      attempt,
      // The second is the name that Azure's SDKs and hosts know.
      ...(event.traceparent !== undefined && { traceparent: event.traceparent, 'Diagnostic-Id': event.traceparent }),
      ...(remaining !== 'all' && { remaining }),
      ...(sinceMs !== undefined && { since: sinceMs }),
    },
    ...(dueAtMs !== undefined && { scheduledEnqueueTimeUtc: new Date(dueAtMs) }),
  };
}

/** A message as a batch function or a receiver has it. */
export interface Received {
  /** Decoded JSON, or the text if it is not JSON. */
  body: unknown;
  messageId: string;
  /** It was delivered before. */
  redelivered: boolean;
  properties: Readonly<Record<string, unknown>>;
}

export type DecodedEvent = { ok: true; outgoing: QueuedEvent } | { ok: false; reason: string };

/** Where they say something else, somebody changed the message: it counts as tried, so that Pay-i is asked first (D3). */
const propertiesSchema = z
  .object({
    attempt: z.coerce.number().int().min(0).default(0),
    remaining: remainingSchema.default('all'),
    since: z.coerce.number().int().optional(),
  })
  .catch({ attempt: 1, remaining: 'all' });

/** The event of a message, or why it has none (names of members only: the text may hold anything). */
export function decodeQueuedEvent({ body, properties }: Pick<Received, 'body' | 'properties'>): DecodedEvent {
  const event = trackedEventSchema.safeParse(body);
  if (!event.success) {
    const where = event.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || 'body'} (${issue.code})`);
    return { ok: false, reason: `It is not an event of schema version 1: ${where.join(', ')}.` };
  }
  const { attempt, remaining, since } = propertiesSchema.parse(properties);
  return {
    ok: true,
    outgoing: { event: event.data, attempt, remaining, ...(since !== undefined && { sinceMs: since }) },
  };
}
