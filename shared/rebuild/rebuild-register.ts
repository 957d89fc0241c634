import type { DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PublishedEvents } from '../ledger/published-events.ts';
import type { Outbox } from '../publishing/outbox.ts';
import type { QueueBrowser } from '../service-bus/queue-browser.ts';

export interface RebuildRegisterOptions {
  register: Pick<PublishedEvents, 'since' | 'restore'>;
  outbox: Pick<Outbox, 'eventIds'>;
  view: Pick<QueueBrowser, 'messages'>;
  ledger: Pick<Ledger, 'since'>;
  deadLetters: Pick<DeadLetterStore, 'list'>;
}

/** Ids that the register has before and after. */
export interface RebuiltRegister {
  before: number;
  after: number;
}

/**
 * Writes the events that are somewhere since the day (UTC) and not in the register. An event that is nowhere can't be found again: a
 * register that got lost can't name what was lost before.
 */
export async function rebuildRegister(options: RebuildRegisterOptions, day: string): Promise<RebuiltRegister> {
  const { register, outbox, view, ledger, deadLetters } = options;
  const known = new Set<string>();
  for await (const eventId of register.since(day)) known.add(eventId);
  const missing = new Set<string>();
  const note = (eventId: string): void => {
    if (!known.has(eventId)) missing.add(eventId);
  };
  for await (const eventId of outbox.eventIds()) note(eventId);
  for await (const { eventId } of view.messages()) note(eventId);
  for await (const { rowKey } of ledger.since(day)) note(rowKey);
  for await (const { outgoing } of deadLetters.list()) if (outgoing) note(outgoing.event.eventId);
  await register.restore([...missing]);
  return { before: known.size, after: known.size + missing.size };
}
