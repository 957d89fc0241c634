import type { DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import { decodeQueuedEvent, firstSend } from '../events/queued-event.ts';
import type { TrackedEvent } from '../events/usage-event.ts';
import { type LedgerRow, rowOf } from '../ledger/ledger-row.ts';
import type { Outbox } from '../publishing/outbox.ts';
import type { QueueBrowser } from '../service-bus/queue-browser.ts';
import { uuidV7Ms } from '../util/ids.ts';

export interface UnwrittenSources {
  outbox: Pick<Outbox, 'entries'>;
  view: Pick<QueueBrowser, 'messages' | 'peekDeadLetters'>;
  deadLetters: Pick<DeadLetterStore, 'list'>;
}

export interface UnwrittenEvents {
  /** By event id, in the form that the ledger would have. Those that it has are among them. */
  events: Map<string, LedgerRow>;
  /** False where there are more than were looked at. */
  complete: boolean;
}

/** Events that are looked at in each place. */
const MAX_LOOKED_AT = 20_000;

/** Usage events of a time (ms, UTC) that are published and may not be in the ledger. @throws TableError, QueueUnavailableError */
export async function listUnwritten(
  sources: UnwrittenSources,
  startMs: number,
  endMs: number,
): Promise<UnwrittenEvents> {
  const found: UnwrittenEvents = { events: new Map(), complete: true };
  for (const place of [inOutbox(sources), inQueue(sources), inBrokerLetters(sources), inLetters(sources)]) {
    let count = 0;
    for await (const event of place) {
      if (count++ === MAX_LOOKED_AT) {
        found.complete = false;
        break;
      }
      const atMs = uuidV7Ms(event?.eventId ?? '') ?? 0;
      if (event?.kind === 'usage' && atMs >= startMs && atMs < endMs) found.events.set(event.eventId, asRow(event));
    }
  }
  return found;
}

const asRow = (event: TrackedEvent): LedgerRow =>
  rowOf({ outgoing: firstSend(event), tried: false, state: 'waiting', outcome: 'unwritten', atMs: 0 });

type Events = AsyncIterable<TrackedEvent | undefined>;

async function* inOutbox({ outbox }: UnwrittenSources): Events {
  for await (const { outgoing } of outbox.entries()) yield outgoing?.event;
}

async function* inQueue({ view }: UnwrittenSources): Events {
  for await (const { body } of view.messages()) yield eventOf(body);
}

async function* inBrokerLetters({ view }: UnwrittenSources): Events {
  for await (const { body } of view.peekDeadLetters()) yield eventOf(body);
}

async function* inLetters({ deadLetters }: UnwrittenSources): Events {
  for await (const { outgoing } of deadLetters.list({ state: 'dead' })) yield outgoing?.event;
}

function eventOf(body: unknown): TrackedEvent | undefined {
  const decoded = decodeQueuedEvent({ body, properties: {} });
  return decoded.ok ? decoded.outgoing.event : undefined;
}
