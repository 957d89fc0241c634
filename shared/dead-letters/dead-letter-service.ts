import { DeadLetterNotFoundError } from '../events/errors.ts';
import { decodeQueuedEvent, messageId, type QueuedEvent } from '../events/queued-event.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { BrokerDeadLetter, QueueBrowser } from '../service-bus/queue-browser.ts';
import type { QueueMessage, UsageQueue } from '../service-bus/usage-queue.ts';
import type { Clock } from '../util/clock.ts';
import { inParallel } from '../util/in-parallel.ts';
import type { DeadLetter, DeadLetterFilter, DeadLetterStore } from './dead-letter-store.ts';
import { undecodableDeadLetter } from './undecodable.ts';

/** One list and one replay over both places of dead letters: our table and the queue's own. */
export interface DeadLetterService {
  /** Changes nothing. */
  list(filter?: DeadLetterFilter): Promise<DeadLetter[]>;
  /** @throws DeadLetterNotFoundError */
  show(id: string): Promise<DeadLetter>;
  /** Sends them again; safe to run twice (D6). What is not an event for this release stays where it is. */
  replay(filter: DeadLetterFilter): Promise<Handled>;
  /** Keeps them, with the reason, and shows them no more. */
  discard(filter: DeadLetterFilter, reason: string): Promise<Handled>;
  /** Moves the queue's dead letters into our table. @returns how many */
  adopt(): Promise<number>;
}

export interface Handled {
  letters: DeadLetter[];
  /** Letters that are not events, so that they can't be replayed. */
  skipped: number;
}

export interface DeadLetterServiceOptions {
  store: DeadLetterStore;
  view: Pick<QueueBrowser, 'peekDeadLetters' | 'takeDeadLetters'>;
  queue: Pick<UsageQueue, 'send'>;
  ledger: Pick<Ledger, 'get'>;
  clock: Clock;
}

type EventLetter = DeadLetter & { outgoing: QueuedEvent };

const AT_ONCE = 8;
const SENT_AT_ONCE = 100;

export function createDeadLetterService({
  store,
  view,
  queue,
  ledger,
  clock,
}: DeadLetterServiceOptions): DeadLetterService {
  /** Whether the queue has dead letters to move. */
  async function standingOf(letter: DeadLetter): Promise<'open' | 'dealt-with' | 'delivered'> {
    if (letter.outgoing && (await ledger.get(letter.outgoing.event.eventId))?.state === 'ingested') return 'delivered';
    const known = await store.find(letter.id);
    // When a process dies before the queue has forgotten a letter that we keep, it comes once more, perhaps after it was
    // replayed or discarded. A replay goes one attempt further.
    const dealtWith = known?.state === 'replayed' || known?.state === 'discarded';
    return dealtWith && attemptOf(letter) <= attemptOf(known) ? 'dealt-with' : 'open';
  }
  async function sort(letters: BrokerDeadLetter[]) {
    const found = letters.map(asLetter);
    const standings = await inParallel(found, AT_ONCE, standingOf);
    const which = (standing: string) => found.filter((_, place) => standings[place] === standing);
    return { open: which('open'), delivered: which('delivered') };
  }
  /** Kept by us before the queue forgets them. */
  async function keep(letters: BrokerDeadLetter[]): Promise<void> {
    const { open, delivered } = await sort(letters);
    await store.put(open);
    await store.withdraw(delivered.map(({ id }) => id));
  }
  const adopt = () => view.takeDeadLetters(keep);
  const peekOpen = async () => (await sort(await all(view.peekDeadLetters()))).open;

  /** Marked when the queue has them: a crash between the two leaves them dead, to be replayed again. */
  async function send(letters: EventLetter[]): Promise<DeadLetter[]> {
    await queue.send(letters.map(asMessage));
    return inParallel(letters, AT_ONCE, (letter) => store.mark(letter, 'replayed'));
  }

  return {
    async list(filter = {}) {
      const letters = await all(store.list(filter));
      const fresh = (await peekOpen()).filter((letter) => matches(letter, filter));
      return [...new Map([...letters, ...fresh].map((letter) => [letter.id, letter])).values()];
    },
    async show(id) {
      const letter = (await peekOpen()).find((one) => one.id === id) ?? (await store.find(id));
      if (!letter) throw new DeadLetterNotFoundError(id);
      return letter;
    },
    async replay(filter) {
      await adopt();
      const found = await all(store.list({ ...filter, state: 'dead' }));
      const events = found.flatMap((letter) => asEvent(letter) ?? []);
      const letters: DeadLetter[] = [];
      for (let at = 0; at < events.length; at += SENT_AT_ONCE) {
        letters.push(...(await send(events.slice(at, at + SENT_AT_ONCE))));
      }
      return { letters, skipped: found.length - events.length };
    },
    async discard(filter, reason) {
      await adopt();
      const found = await all(store.list({ ...filter, state: 'dead' }));
      const note = `${new Date(clock.now()).toISOString()} ${reason}`;
      const letters = await inParallel(found, AT_ONCE, (letter) => store.mark(letter, 'discarded', note));
      return { letters, skipped: 0 };
    },
    adopt,
  };
}

/** What an older release could not read may be an event for this one. How far it had come is lost: Pay-i is asked for it first (D3). */
function asEvent(letter: DeadLetter): EventLetter | undefined {
  const { outgoing, text = '' } = letter;
  if (outgoing) return { ...letter, outgoing };
  const decoded = decodeQueuedEvent({ body: parsed(text), properties: { attempt: 1 } });
  return decoded.ok ? { ...letter, outgoing: decoded.outgoing } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function asLetter(letter: BrokerDeadLetter): DeadLetter {
  const { code, reason, atMs } = letter;
  const why = { source: 'broker', code, reason, atMs } as const;
  const decoded = decodeQueuedEvent(letter);
  if (!decoded.ok) return undecodableDeadLetter(letter, why);
  return { ...why, id: decoded.outgoing.event.eventId, state: 'dead', outgoing: decoded.outgoing };
}

/**
 * Its id follows from the letter: a second replay of the same one is dropped as a duplicate, and no message of an earlier
 * life of the event has it, for which the replay itself would be dropped.
 */
function asMessage({ outgoing, atMs }: EventLetter): QueueMessage {
  const next = { event: outgoing.event, attempt: outgoing.attempt + 1, remaining: outgoing.remaining };
  return { outgoing: next, id: `${messageId(next)}.${atMs}` };
}

const attemptOf = ({ outgoing }: DeadLetter): number => outgoing?.attempt ?? 0;

const matches = (letter: DeadLetter, { ids, code, useCaseName, state = 'dead' }: DeadLetterFilter): boolean =>
  letter.state === state &&
  (ids === undefined || ids.includes(letter.id)) &&
  (code === undefined || letter.code === code) &&
  (useCaseName === undefined || letter.outgoing?.event.useCase.name === useCaseName);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
