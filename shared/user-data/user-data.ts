import type { DeadLetter, DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import type { KeyService } from '../identity/keys/key-service.ts';
import type { Instance, InstanceStore } from '../instances/instance-store.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { toUsd } from '../util/money.ts';

/** Where what is kept of a user is found. */
export interface UserDataSources {
  instances: Pick<InstanceStore, 'ofUser'>;
  ledger: Pick<Ledger, 'since'>;
  deadLetters: Pick<DeadLetterStore, 'list'>;
  keys: Pick<KeyService, 'list'>;
  /** What users have at the provider through a gateway. */
  atProvider: { ofUser(userId: string): AsyncIterable<ItemAtProvider> };
}

/** A batch or file at the provider, by its id there. */
export interface ItemAtProvider {
  kind: 'batch' | 'file';
  id: string;
  /** ms, UTC. */
  createdMs: number;
}

/** What is kept of a user. No prompt, answer or picture is kept at all. */
export interface UserData {
  userId: string;
  /** At most {@link MAX_LISTED}; `total` counts all. */
  instances: { total: number; listed: Instance[] };
  /** Usage events of the ledger. Money in USD: ours by the price book, and Pay-i's. */
  usage: { events: number; firstAt: string | null; lastAt: string | null; estimatedUsd: number; payiUsd: number };
  /** Usage events that were given up, which are kept whole. */
  deadLetters: { total: number; listed: Pick<DeadLetter, 'id' | 'code' | 'state'>[] };
  /** Names of access keys that are not revoked and call under this id, and of those that were made by this user. */
  accessKeys: string[];
  /** Batches and files at the provider. */
  atProvider: { total: number; listed: { kind: ItemAtProvider['kind']; id: string; createdAt: string }[] };
  /** Where else something is kept, in words. */
  elsewhere: readonly string[];
}

export const MAX_LISTED = 1_000;

const elsewhere = [
  'Pay-i: requests and use case instances under this user_id. Only Pay-i can delete them.',
  'Sums of usage by user, hour and day (GET /api/usage), for USAGE_RETENTION_DAYS.',
  'Exported files (EXPORT_CONTAINER), under this user_id.',
  'Batches and files at the provider: what they hold. Their ids are in atProvider, and here under a digest of this id.',
  'Message batches that are under way: this id, until they are metered.',
  'Names of revoked access keys, so that no second caller gets one.',
  'Spend of limits of scope user, under a digest of this id, until LEDGER_RETENTION_DAYS after their period.',
  'Overrides of limits for this user (GET /api/limits/{policy}/overrides).',
  'Events and judge jobs that are still under way, for up to 14 days; answers of idempotency keys, sealed, for 24 hours.',
  'The audit log, where this user changed something as an admin.',
] as const;

/** Reads the ledger, the instances and the dead letters whole: minutes for millions of rows. @throws TableError */
export async function readUserData(
  { instances, ledger, deadLetters, keys, atProvider }: UserDataSources,
  userId: string,
): Promise<UserData> {
  const found = await listed(instances.ofUser(userId), (instance) => instance);
  const letters = await listed(lettersOf(deadLetters, userId), ({ id, code, state }) => ({ id, code, state }));
  const items = await listed(atProvider.ofUser(userId), ({ kind, id, createdMs }) => ({
    kind,
    id,
    createdAt: new Date(createdMs).toISOString(),
  }));
  const usage = await usageOf(ledger, userId);
  const names = (await keys.list()).filter(
    ({ name, createdBy, state }) => createdBy === userId || (name === userId && state !== 'revoked'),
  );
  return {
    userId,
    instances: found,
    usage,
    deadLetters: letters,
    accessKeys: names.map(({ name }) => name),
    atProvider: items,
    elsewhere,
  };
}

async function* lettersOf(deadLetters: UserDataSources['deadLetters'], userId: string): AsyncIterable<DeadLetter> {
  for (const state of ['dead', 'replayed', 'delivered', 'discarded'] as const)
    for await (const letter of deadLetters.list({ state })) {
      const event = letter.outgoing?.event;
      if (event?.kind === 'usage' && event.userId === userId) yield letter;
    }
}

async function usageOf(ledger: UserDataSources['ledger'], userId: string): Promise<UserData['usage']> {
  let events = 0;
  let estimated = 0n;
  let priced = 0n;
  let firstAt: string | null = null;
  let lastAt: string | null = null;
  // Behind the year 0: all days.
  for await (const row of ledger.since('0000')) {
    if (row.userId !== userId) continue;
    events += 1;
    estimated += row.estimatedCost ?? 0n;
    priced += row.pricedCost ?? 0n;
    if (firstAt === null || row.occurredAt < firstAt) firstAt = row.occurredAt;
    if (lastAt === null || row.occurredAt > lastAt) lastAt = row.occurredAt;
  }
  return { events, firstAt, lastAt, estimatedUsd: toUsd(estimated), payiUsd: toUsd(priced) };
}

async function listed<T, V>(items: AsyncIterable<T>, view: (item: T) => V): Promise<{ total: number; listed: V[] }> {
  const views: V[] = [];
  let total = 0;
  for await (const item of items) {
    total += 1;
    if (views.length < MAX_LISTED) views.push(view(item));
  }
  return { total, listed: views };
}
