import type { Clock } from '../clock.ts';
import type { DeadLetter, DeadLetterFilter, DeadLetterStore } from './dead-letters.ts';
import type { Ledger } from './ledger.ts';
import { decode } from './outgoing.ts';
import type { BrokerLetter, QueueView } from './queue-view.ts';
import type { UsageQueue } from './usage-queue.ts';

/** One list and one replay over both places of dead letters: our table and the queue's own. */
export interface DeadLetterDesk {
  /** Changes nothing. */
  list(filter?: DeadLetterFilter): Promise<DeadLetter[]>;
  /** @throws DeadLetterNotFoundError */
  show(id: string): Promise<DeadLetter>;
  /** Sends them again; safe to run twice (D6). What is no event stays where it is. */
  replay(filter: DeadLetterFilter): Promise<Handled>;
  /** Keeps them, with the reason, and shows them no more. */
  discard(filter: DeadLetterFilter, reason: string): Promise<Handled>;
  /** Takes what the queue gave up on into our table. @returns how many */
  adopt(): Promise<number>;
}

export interface Handled {
  letters: DeadLetter[];
  /** Letters that are no events, so that they can't be replayed. */
  skipped: number;
}

export interface DeskOptions {
  store: DeadLetterStore;
  view: Pick<QueueView, 'peekDeadLetters' | 'takeDeadLetters'>;
  queue: Pick<UsageQueue, 'send'>;
  ledger: Pick<Ledger, 'get'>;
  clock: Clock;
}

export function createDeadLetterDesk({ store, view, queue, ledger, clock }: DeskOptions): DeadLetterDesk {
  /** Kept by us before the queue forgets it; an event that Pay-i has by now needs no replay. */
  async function keep(letters: BrokerLetter[]): Promise<void> {
    const kept: DeadLetter[] = [];
    for (const letter of letters.map(asLetter)) {
      const known = letter.outgoing && (await ledger.get(letter.outgoing.event.eventId));
      if (known?.state !== 'ingested') kept.push(letter);
    }
    await store.put(kept);
  }
  const adopt = () => view.takeDeadLetters(keep);

  async function replayOne(letter: DeadLetter): Promise<DeadLetter> {
    if (!letter.outgoing) return letter;
    // The message's id follows from the attempt: a second replay of the same letter is dropped as its duplicate.
    const { event, attempt, remaining } = letter.outgoing;
    await queue.send([{ outgoing: { event, attempt: attempt + 1, remaining } }]);
    return store.mark(letter, 'replayed');
  }

  return {
    async list(filter = {}) {
      const letters = await all(store.list(filter));
      const fresh = (await all(view.peekDeadLetters())).map(asLetter).filter((letter) => matches(letter, filter));
      return [...new Map([...letters, ...fresh].map((letter) => [letter.id, letter])).values()];
    },
    async show(id) {
      for await (const letter of view.peekDeadLetters()) if (asLetter(letter).id === id) return asLetter(letter);
      return store.get(id);
    },
    async replay(filter) {
      await adopt();
      const letters: DeadLetter[] = [];
      let skipped = 0;
      for (const letter of await all(store.list({ ...filter, state: 'dead' }))) {
        if (letter.outgoing) letters.push(await replayOne(letter));
        else skipped += 1;
      }
      return { letters, skipped };
    },
    async discard(filter, reason) {
      await adopt();
      const letters: DeadLetter[] = [];
      for (const letter of await all(store.list({ ...filter, state: 'dead' }))) {
        letters.push(await store.mark(letter, 'discarded', `${new Date(clock.now()).toISOString()} ${reason}`));
      }
      return { letters, skipped: 0 };
    },
    adopt,
  };
}

function asLetter(letter: BrokerLetter): DeadLetter {
  const { code, reason, atMs, messageId, body } = letter;
  const decoded = decode(letter);
  const common = { source: 'broker', code, reason, atMs, state: 'dead' } as const;
  return decoded.ok
    ? { ...common, id: decoded.outgoing.event.eventId, outgoing: decoded.outgoing }
    : { ...common, id: `message-${messageId}`, text: typeof body === 'string' ? body : JSON.stringify(body ?? null) };
}

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
