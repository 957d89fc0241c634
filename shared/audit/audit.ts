import type { DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { dayOfPartition } from '../ledger/ledger-row.ts';
import type { PublishedEvents } from '../ledger/published-events.ts';
import type { Outbox } from '../publishing/outbox.ts';
import type { QueueBrowser } from '../service-bus/queue-browser.ts';
import type { Clock } from '../util/clock.ts';
import { DAY_MS, dayOf } from '../util/days.ts';
import { uuidV7Ms } from '../util/ids.ts';
import { type Conservation, conservation, type Listing } from './conservation.ts';

export interface AuditOptions {
  register: Pick<PublishedEvents, 'since'>;
  outbox: Pick<Outbox, 'eventIds'>;
  view: Pick<QueueBrowser, 'messages' | 'peekDeadLetters'>;
  ledger: Pick<Ledger, 'since'>;
  deadLetters: Pick<DeadLetterStore, 'list'>;
  clock: Clock;
}

export interface Audit extends Conservation {
  /** Nothing missing, nothing doubled. */
  ok: boolean;
}

const LOOKS = 4;
const PAUSE_MS = 1_500;

/**
 * Counts the events of the last `days` by state and names every one that is in none or in two. Events move while they are
 * listed, so what looks wrong is looked at again: only what is wrong each time is named. An event whose message was
 * delivered but not yet settled is queued and ingested at once, until the lock ends.
 */
export async function audit(options: AuditOptions, days: number): Promise<Audit> {
  let found = conservation(await list(options, days));
  for (let look = 1; look < LOOKS && (found.missing.length > 0 || found.doubled.length > 0); look++) {
    await options.clock.sleep(PAUSE_MS);
    const again = conservation(await list(options, days));
    const missing = new Set(found.missing);
    const doubled = new Set(found.doubled.map(({ eventId }) => eventId));
    found = {
      states: again.states,
      missing: again.missing.filter((eventId) => missing.has(eventId)),
      doubled: again.doubled.filter(({ eventId }) => doubled.has(eventId)),
    };
  }
  return { ok: found.missing.length === 0 && found.doubled.length === 0, ...found };
}

/** In the direction in which events move, so that one that moves meanwhile is rather seen twice than not at all. */
async function list(
  { register, outbox, view, ledger, deadLetters, clock }: AuditOptions,
  days: number,
): Promise<Listing> {
  const fromMs = clock.now() - days * DAY_MS;
  const day = dayOf(fromMs);
  const listing = {
    registered: new Set<string>(),
    outbox: new Set<string>(),
    queued: new Set<string>(),
    waiting: new Set<string>(),
    ingested: new Set<string>(),
    deadLettered: new Set<string>(),
    discarded: new Set<string>(),
  };
  // The ledger goes by when a call began, the register by when its event was published: maybe days after, for a call in a batch.
  let beganMs = fromMs - DAY_MS;
  for await (const eventId of register.since(day)) {
    listing.registered.add(eventId);
    beganMs = Math.min(beganMs, uuidV7Ms(eventId) ?? beganMs);
  }
  for await (const eventId of outbox.eventIds()) listing.outbox.add(eventId);
  for await (const { eventId, state } of view.messages()) listing[state].add(eventId);
  for await (const { rowKey, state, partitionKey } of ledger.since(dayOf(beganMs))) {
    if (state !== 'ingested') continue;
    if (dayOfPartition(partitionKey) >= day || listing.registered.has(rowKey)) listing.ingested.add(rowKey);
  }
  for await (const { id, eventId = id } of deadLetters.list({ state: 'dead' })) listing.deadLettered.add(eventId);
  for await (const { id, eventId = id } of deadLetters.list({ state: 'discarded' })) listing.discarded.add(eventId);
  for await (const { body, messageId } of view.peekDeadLetters()) {
    listing.deadLettered.add((body as { eventId?: string } | null)?.eventId ?? messageId);
  }
  return listing;
}
