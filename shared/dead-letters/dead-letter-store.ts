import type { QueuedEvent } from '../events/queued-event.ts';
import { RowChangedError } from '../tables/errors.ts';
import { type RowKey, type Stored, type Tables, tableKey } from '../tables/table.ts';
import { fromColumns, type TextColumns, toColumns } from '../tables/text-columns.ts';
import { transactionsOf } from '../tables/transactions-of.ts';
import { inParallel } from '../util/in-parallel.ts';

/** `replayed`: in the queue again. `delivered`: at Pay-i after all, also without a replay. `discarded`: nobody wants it. */
export const deadLetterStates = ['dead', 'replayed', 'delivered', 'discarded'] as const;
export type DeadLetterState = (typeof deadLetterStates)[number];

/** A dead letter, kept whole. */
export interface DeadLetter {
  /** The event's id; where there is no event, one made of the message's. */
  id: string;
  /** `ingest`: we gave up. `broker`: the queue did (delivery count, expiry) and we took it over. */
  source: 'ingest' | 'broker';
  /** Pay-i's error code or ours. */
  code: string;
  reason: string;
  atMs: number;
  state: DeadLetterState;
  /** Why it was discarded. */
  note?: string;
  /** Absent for a message that is not an event. */
  outgoing?: QueuedEvent;
  /** The message's text where there is no event, and the event's id where it names one all the same. */
  text?: string;
  eventId?: string;
  /** Of the row that it was read from. */
  etag?: string;
}

export interface DeadLetterFilter {
  ids?: string[];
  code?: string;
  useCaseName?: string;
  /** Default: `dead`. */
  state?: DeadLetterState;
}

/** The table of dead letters. */
export interface DeadLetterStore {
  /** Resolves when all of them are kept. One with a known id takes the other's place. @throws TableError */
  put(letters: DeadLetter[]): Promise<void>;
  find(id: string): Promise<DeadLetter | undefined>;
  list(filter?: DeadLetterFilter): AsyncIterable<DeadLetter>;
  /** Changes the state of a letter as it was read. One that was put again meanwhile stays as it is. */
  mark(letter: DeadLetter, state: DeadLetterState, note?: string): Promise<DeadLetter>;
  /** Marks the letters of events that were delivered, where there are any. @throws TableError */
  withdraw(ids: string[]): Promise<void>;
  /** Deletes letters that are not dead any more and are older (ms, UTC). @returns how many */
  prune(beforeMs: number): Promise<number>;
}

interface Row extends RowKey, TextColumns {
  source: DeadLetter['source'];
  code: string;
  reason: string;
  at: Date;
  state: DeadLetterState;
  note?: string;
  useCaseName?: string;
}

const PARTITION = 'letters';

export function createDeadLetterStore(tables: Tables): DeadLetterStore {
  const table = tables.open<Row>('deadletters');
  const store: DeadLetterStore = {
    async put(letters) {
      const rows = [...new Map(letters.map((letter) => [letter.id, rowOf(letter)])).values()];
      for (const run of transactionsOf(rows)) await table.transact(run.map((row) => ({ kind: 'upsert', row })));
    },
    async find(id) {
      const row = await table.get(PARTITION, tableKey(id));
      return row && letterOf(row);
    },
    async *list({ ids, code, useCaseName, state = 'dead' } = {}) {
      for await (const row of table.query({ partitionKey: PARTITION, where: `state eq '${state}'` })) {
        const letter = letterOf(row);
        if (ids && !ids.includes(letter.id)) continue;
        if (code !== undefined && letter.code !== code) continue;
        if (useCaseName !== undefined && row.useCaseName !== useCaseName) continue;
        yield letter;
      }
    },
    async mark(letter, state, note) {
      const marked = { ...letter, state, ...(note !== undefined && { note }) };
      try {
        await table.replace(rowOf(marked), letter.etag ?? '*');
      } catch (error) {
        // A replayed event can come back before it is marked: then it is dead once more, and must stay so.
        if (!(error instanceof RowChangedError)) throw error;
      }
      return marked;
    },
    async withdraw(ids) {
      await inParallel(ids, 8, async (id) => {
        const letter = await store.find(id);
        if (letter && letter.state !== 'delivered') await store.mark(letter, 'delivered');
      });
    },
    async prune(beforeMs) {
      const old: RowKey[] = [];
      for await (const row of table.query({ partitionKey: PARTITION, where: `state ne 'dead'` })) {
        if (row.at.getTime() < beforeMs) old.push(row);
      }
      await inParallel(old, 8, (row) => table.remove(row));
      return old.length;
    },
  };
  return store;
}

function rowOf({ id, source, code, reason, atMs, state, note, outgoing, text, eventId }: DeadLetter): Row {
  return {
    partitionKey: PARTITION,
    rowKey: tableKey(id),
    source,
    code,
    reason: reason.slice(0, 2_000),
    at: new Date(atMs),
    state,
    ...(note !== undefined && { note }),
    ...(outgoing && { useCaseName: outgoing.event.useCase.name }),
    ...toColumns(JSON.stringify({ id, outgoing, text, eventId })),
  };
}

function letterOf(row: Stored<Row>): DeadLetter {
  const { source, code, reason, at, state, note, etag } = row;
  const kept = JSON.parse(fromColumns(row)) as Pick<DeadLetter, 'id' | 'outgoing' | 'text' | 'eventId'>;
  return { ...kept, source, code, reason, atMs: at.getTime(), state, etag, ...(note !== undefined && { note }) };
}
