import type { DeadLetter } from '../dead-letters/dead-letter-store.ts';
import { undecodableDeadLetter } from '../dead-letters/undecodable.ts';
import { decodeQueuedEvent, type QueuedEvent, type Received } from '../events/queued-event.ts';
import type { LedgerEntry } from '../ledger/ledger-row.ts';
import type { Delivered, IngestResult } from './ingest-result.ts';

/** An event in hand, with what the attempt has come to so far. */
export interface Item {
  outgoing: QueuedEvent;
  tried: boolean;
  verdict?: IngestResult;
  /** What Pay-i said of the usage. */
  delivered?: Delivered;
}

/** Each event once, however often it is in the batch; and what is not an event. */
export function decodeAll(messages: Received[], nowMs: number): { items: Item[]; undecodable: DeadLetter[] } {
  const items = new Map<string, Item>();
  const undecodable: DeadLetter[] = [];
  for (const message of messages) {
    const decoded = decodeQueuedEvent(message);
    if (!decoded.ok) {
      const { reason } = decoded;
      undecodable.push(undecodableDeadLetter(message, { source: 'ingest', code: 'undecodable', reason, atMs: nowMs }));
      continue;
    }
    const { outgoing } = decoded;
    const known = items.get(outgoing.event.eventId);
    const item = { outgoing, tried: message.redelivered || outgoing.attempt > 0 };
    // The copy that is further on says more of what is still to be done.
    if (!known || known.outgoing.attempt < outgoing.attempt) items.set(outgoing.event.eventId, item);
  }
  return { items: [...items.values()], undecodable };
}

export const isDelivered = (verdict: IngestResult): verdict is Delivered =>
  verdict.kind === 'accepted' || verdict.kind === 'duplicate';

export function deadLetterOf(
  outgoing: QueuedEvent,
  { code, reason }: { code: string; reason: string },
  nowMs: number,
): DeadLetter {
  return { id: outgoing.event.eventId, source: 'ingest', code, reason, atMs: nowMs, state: 'dead', outgoing };
}

/** What the ledger records of the batch. */
export function ledgerEntries(items: Item[], dead: Set<Item>, done: Set<Item>, nowMs: number): LedgerEntry[] {
  return items.map((item) => ({
    outgoing: item.outgoing,
    tried: item.tried,
    state: done.has(item) ? 'ingested' : dead.has(item) ? 'deadLettered' : 'waiting',
    outcome: outcomeOf(item.verdict),
    requestId: item.delivered?.requestId,
    costNanoUsd: item.delivered?.costNanoUsd,
    atMs: nowMs,
  }));
}

function outcomeOf(verdict: IngestResult | undefined): string {
  if (!verdict) return 'recorded';
  return isDelivered(verdict) ? verdict.kind : `${verdict.kind} ${verdict.code}`;
}
