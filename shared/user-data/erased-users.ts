import { createHash } from 'node:crypto';
import type { DeadLetter, DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import type { Received } from '../events/queued-event.ts';
import type { Tables } from '../tables/table.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { ERASURES_PARTITION, type ErasureRow } from './erasure-row.ts';

/** Whom the calls of users count for whose data were deleted. All of them share it. */
export const ERASED_USER = 'deleted-user';

/**
 * Whose data were deleted, as far as events of their earlier calls may still come: from the queue, the outbox or a replay.
 * Read once a minute, so another process follows within that.
 */
export interface ErasedUsers {
  /** Messages of the queue; those of such calls count for {@link ERASED_USER}. Never rejects. */
  anonymise(messages: Received[]): Promise<Received[]>;
  /** Letters as they may be kept. */
  anonymiseLetters(letters: DeadLetter[]): Promise<DeadLetter[]>;
}

const READ_EVERY_MS = 60_000;

export function createErasedUsers(tables: Tables, clock: Clock, telemetry: Telemetry): ErasedUsers {
  const table = tables.open<ErasureRow>('erasures');
  let known: ReadonlyMap<string, number> = new Map();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const beforeMs = new Map<string, number>();
    for await (const row of table.query({ partitionKey: ERASURES_PARTITION, select: ['RowKey', 'beforeMs'] }))
      beforeMs.set(row.rowKey, row.beforeMs);
    known = beforeMs;
    readAtMs = clock.now();
  }

  async function refresh(): Promise<void> {
    if (clock.now() - readAtMs < READ_EVERY_MS) return;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading.catch((error: unknown) => telemetry.warn('erased-users-unreadable', describeError(error)));
  }

  function anonymous<T>(event: T): T {
    if (typeof event !== 'object' || event === null) return event;
    const { userId, occurredAt } = event as { userId?: unknown; occurredAt?: unknown };
    if (typeof userId !== 'string') return event;
    const beforeMs = known.get(digestOfUser(userId));
    // A time that can't be read counts as before.
    if (beforeMs === undefined || Date.parse(String(occurredAt)) >= beforeMs) return event;
    return { ...event, userId: ERASED_USER };
  }

  return {
    async anonymise(messages) {
      await refresh();
      if (known.size === 0) return messages;
      return messages.map((message) => ({ ...message, body: anonymous(message.body) }));
    },
    async anonymiseLetters(letters) {
      await refresh();
      return letters.map((letter) =>
        letter.outgoing
          ? { ...letter, outgoing: { ...letter.outgoing, event: anonymous(letter.outgoing.event) } }
          : letter,
      );
    },
  };
}

export const digestOfUser = (userId: string): string => createHash('sha256').update(userId).digest('hex');

/** A store that keeps letters of such calls under the other name. */
export const anonymousLetters = (
  store: DeadLetterStore,
  erased: Pick<ErasedUsers, 'anonymiseLetters'>,
): DeadLetterStore => ({ ...store, put: async (letters) => store.put(await erased.anonymiseLetters(letters)) });
