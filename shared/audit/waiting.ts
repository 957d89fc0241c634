import type { DeadLetter, DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import type { Outbox } from '../publishing/outbox.ts';
import type { QueueBrowser } from '../service-bus/queue-browser.ts';
import type { Clock } from '../util/clock.ts';
import { inParallel } from '../util/in-parallel.ts';

/** `retry`: put off, because Pay-i did not take it. */
export const waitingPlaces = ['outbox', 'queue', 'retry', 'deadLetters'] as const;
export type WaitingPlace = (typeof waitingPlaces)[number];

/** Events that wait at the same place for the same reason. */
export interface WaitingGroup {
  place: WaitingPlace;
  /** `kpi`: scores that were sent by themselves. `unknown`: it is not an event. */
  kind: 'usage' | 'kpi' | 'unknown';
  useCaseName: string | null;
  /** A code, e.g. `status_503` or `use_case_not_found`; null where nothing went wrong yet. */
  why: string | null;
  events: number;
  /** ISO 8601: when the first of them came to this place, or was first put off. */
  since: string;
}

export interface Waiting {
  at: string;
  /** The oldest first. */
  groups: WaitingGroup[];
  /** False where there are more events than were looked at. */
  complete: boolean;
}

export interface WaitingOptions {
  outbox: Pick<Outbox, 'entries'>;
  view: Pick<QueueBrowser, 'messages' | 'peekDeadLetters'>;
  deadLetters: Pick<DeadLetterStore, 'list'>;
  ledger: Pick<Ledger, 'get'>;
  clock: Clock;
}

/** Events that are looked at in each place. */
const MAX_EVENTS = 5_000;
/** Events whose reason is looked up: two requests each. */
const MAX_REASONS = 200;
const WIDTH = 8;

interface WaitingEvent {
  place: WaitingPlace;
  eventId: string;
  kind: WaitingGroup['kind'];
  useCaseName: string | undefined;
  why?: string | undefined;
  sinceMs: number;
}

/** What waits, since when and why. Changes nothing. @throws TableError, QueueUnavailableError */
export async function listWaiting(options: WaitingOptions): Promise<Waiting> {
  const { ledger, clock } = options;
  const places = [outboxEvents(options), queueEvents(options), deadEvents(options)];
  const events: WaitingEvent[] = [];
  let complete = true;
  for (const place of places) {
    let count = 0;
    for await (const event of place) {
      if (count++ === MAX_EVENTS) {
        complete = false;
        break;
      }
      events.push(event);
    }
  }
  const putOff = events.filter(({ place }) => place === 'retry').slice(0, MAX_REASONS);
  await inParallel(putOff, WIDTH, async (event) => {
    event.why = lastFailure(await ledger.get(event.eventId));
  });
  const groups = new Map<string, WaitingGroup>();
  for (const { place, kind, useCaseName = null, why = null, sinceMs } of events) {
    const key = JSON.stringify([place, kind, useCaseName, why]);
    const since = new Date(sinceMs).toISOString();
    const known = groups.get(key);
    if (!known) groups.set(key, { place, kind, useCaseName, why, events: 1, since });
    else {
      known.events += 1;
      if (since < known.since) known.since = since;
    }
  }
  const sorted = [...groups.values()].sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0));
  return { at: new Date(clock.now()).toISOString(), groups: sorted, complete };
}

/** The code of the last attempt; what it says is `transient status_503`. */
function lastFailure(row: LedgerRow | undefined): string | undefined {
  const attempts = Object.entries(row ?? {}).flatMap(([column, text]) =>
    column.startsWith('attempt') && typeof text === 'string' ? [text] : [],
  );
  return attempts.sort().at(-1)?.split(' ').at(-1);
}

const OUTBOX_REASON = 'service_bus_unavailable';

async function* outboxEvents({ outbox }: WaitingOptions): AsyncIterable<WaitingEvent> {
  for await (const { eventId, outgoing, sinceMs } of outbox.entries()) {
    const { kind = 'unknown', useCase } = outgoing?.event ?? {};
    yield { place: 'outbox', eventId, kind, useCaseName: useCase?.name, why: OUTBOX_REASON, sinceMs };
  }
}

async function* queueEvents({ view }: WaitingOptions): AsyncIterable<WaitingEvent> {
  for await (const { eventId, state, kind, useCaseName, sinceMs } of view.messages())
    yield { place: state === 'waiting' ? 'retry' : 'queue', eventId, kind, useCaseName, sinceMs };
}

/** Those that nobody dealt with, and those that the queue gave up and that were not taken over yet. */
async function* deadEvents({ deadLetters, view }: WaitingOptions): AsyncIterable<WaitingEvent> {
  for await (const letter of deadLetters.list({ state: 'dead' })) yield deadEvent(letter);
  for await (const { messageId, code, atMs } of view.peekDeadLetters())
    yield {
      place: 'deadLetters',
      eventId: messageId,
      kind: 'unknown',
      useCaseName: undefined,
      why: code,
      sinceMs: atMs,
    };
}

const deadEvent = ({ id, code, atMs, outgoing }: DeadLetter): WaitingEvent => ({
  place: 'deadLetters',
  eventId: id,
  kind: outgoing?.event.kind ?? 'unknown',
  useCaseName: outgoing?.event.useCase.name,
  why: code,
  sinceMs: atMs,
});
