import { invalidField, notFound, RequestError } from '../../errors/request-errors.ts';
import { RowChangedError, RowExistsError } from '../../tables/errors.ts';
import type { Tables } from '../../tables/table.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { decodeKey, KEY_PARTITION, KeyBook, type KeyRow } from './key-book.ts';
import {
  type KeyRecord,
  type KeyView,
  keyNameSchema,
  keyRecordSchema,
  secretsAt,
  stateOfKey,
  viewOfKey,
} from './key-record.ts';
import type { ChangeKey, CreateKey } from './key-requests.ts';
import { makeKey } from './key-text.ts';

/** A key's record before and after a change. */
export interface KeyChange {
  before: KeyView;
  after: KeyView;
}

/** Access keys as records, in addition to ACCESS_KEYS. Changes count here at once and on other instances within a minute. */
export interface KeyService {
  /** See {@link KeyBook.holderOf}. */
  holderOf(given: string): Promise<KeyRecord | undefined>;
  list(): Promise<KeyView[]>;
  /** @throws RequestError 404 */
  show(name: string): Promise<KeyView>;
  /** `key` is not kept and can't be shown again. @throws RequestError 409 when there is or was a key of this name */
  create(wanted: CreateKey, who: string): Promise<{ key: string; after: KeyView }>;
  /** @throws RequestError 404; 409 when the key is revoked */
  change(name: string, change: ChangeKey): Promise<KeyChange>;
  /** A second secret; the first one ends after so many hours. @throws RequestError 404; 409 when it has two, or is revoked */
  rotate(name: string, keepOldHours: number): Promise<KeyChange & { key: string }>;
  /** The record stays. Revoking twice does nothing. @throws RequestError 404 */
  revoke(name: string): Promise<KeyChange>;
  /**
   * Revokes the key whose callers are this user, and calls the user otherwise in the records of keys that the user made, which stay valid.
   * @returns how many were revoked
   */
  forgetUser(userId: string, otherName: string): Promise<number>;
}

export interface KeyServiceOptions {
  tables: Tables;
  clock: Clock;
  telemetry: Telemetry;
  /** Names of ACCESS_KEYS. */
  taken: readonly string[];
}

const ATTEMPTS = 10;
const HOUR_MS = 3_600_000;

export function createKeyService({ tables, clock, telemetry, taken }: KeyServiceOptions): KeyService {
  const table = tables.open<KeyRow>('accesskeys');
  const book = new KeyBook(table, clock, telemetry);
  const view = (record: KeyRecord): KeyView => viewOfKey(record, clock.now());
  const at = (ms: number): string => new Date(ms).toISOString();
  const rowOf = (record: KeyRecord): KeyRow => ({
    partitionKey: KEY_PARTITION,
    rowKey: record.name,
    record: JSON.stringify(record),
  });

  async function find(name: string) {
    const row = keyNameSchema.safeParse(name).success ? await table.get(KEY_PARTITION, name) : undefined;
    if (!row) throw notFound('Access key');
    return { etag: row.etag, record: keyRecordSchema.parse(JSON.parse(row.record)) };
  }

  async function update(name: string, change: (before: KeyRecord) => KeyRecord): Promise<KeyChange> {
    for (let attempt = 1; ; attempt++) {
      const { etag, record } = await find(name);
      const after = change(record);
      try {
        await table.replace(rowOf(after), etag);
        await book.reload();
        return { before: view(record), after: view(after) };
      } catch (error) {
        if (!(error instanceof RowChangedError) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  const revoke = (name: string): Promise<KeyChange> =>
    update(name, (before) =>
      stateOfKey(before, clock.now()) === 'revoked' ? before : { ...before, revokedAt: at(clock.now()) },
    );

  return {
    holderOf: (given) => book.holderOf(given),
    async list() {
      const views: KeyView[] = [];
      for await (const row of table.query({ partitionKey: KEY_PARTITION })) {
        const record = decodeKey(row, telemetry);
        if (record) views.push(view(record));
      }
      return views;
    },
    show: async (name) => view((await find(name)).record),
    async create({ name, ...rights }, who) {
      if (taken.includes(name)) throw nameTaken(name);
      refusePast(rights.expiresAt, clock.now());
      const createdAt = at(clock.now());
      const { key, hash } = makeKey(name);
      const record = { name, ...rights, createdAt, createdBy: who, secrets: [{ hash, createdAt }] };
      try {
        await table.insert(rowOf(record));
      } catch (error) {
        if (error instanceof RowExistsError) throw nameTaken(name);
        throw error;
      }
      await book.reload();
      return { key, after: view(record) };
    },
    async change(name, change) {
      refusePast(change.expiresAt ?? undefined, clock.now());
      return update(name, (before) => {
        if (before.revokedAt !== undefined) throw revoked(name);
        const given = Object.entries(change).filter(([, value]) => value !== undefined);
        const merged = Object.entries({ ...before, ...Object.fromEntries(given) });
        return keyRecordSchema.parse(Object.fromEntries(merged.filter(([, value]) => value !== null)));
      });
    },
    async rotate(name, keepOldHours) {
      const { key, hash } = makeKey(name);
      const change = await update(name, (before) => {
        const nowMs = clock.now();
        if (before.revokedAt !== undefined) throw revoked(name);
        const old = keepOldHours === 0 ? [] : secretsAt(before, nowMs);
        if (old.length > 1) throw twoSecrets(name);
        const ending = old.map((secret) => ({ ...secret, endsAt: at(nowMs + keepOldHours * HOUR_MS) }));
        return { ...before, secrets: [{ hash, createdAt: at(nowMs) }, ...ending] };
      });
      return { ...change, key };
    },
    revoke,
    async forgetUser(userId, otherName) {
      let revokedKeys = 0;
      for (const { name, createdBy, state } of await this.list()) {
        if (createdBy === userId) await update(name, (before) => ({ ...before, createdBy: otherName }));
        if (name !== userId || state === 'revoked') continue;
        await revoke(name);
        revokedKeys += 1;
      }
      return revokedKeys;
    },
  };
}

function refusePast(expiresAt: string | undefined, nowMs: number): void {
  if (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs)
    throw invalidField('expiresAt', 'must be in the future; DELETE ends a key now');
}

const nameTaken = (name: string): RequestError =>
  new RequestError(
    'key_exists',
    `There is or was an access key ${name}. Take another name: one name means one caller.`,
    {
      status: 409,
    },
  );

const revoked = (name: string): RequestError =>
  new RequestError('key_revoked', `The access key ${name} was revoked, which is final. Create another one.`, {
    status: 409,
  });

const twoSecrets = (name: string): RequestError =>
  new RequestError(
    'key_has_two_secrets',
    `The access key ${name} has two valid secrets. Wait until the older one ends, or send keepOldHours 0 to end both now.`,
    { status: 409 },
  );
