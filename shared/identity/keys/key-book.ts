import type { RowKey, Table } from '../../tables/table.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { invalidCredential, KeysUnreadableError } from '../credential-error.ts';
import { type KeyRecord, keyRecordSchema, stateOfKey } from './key-record.ts';
import { hasSecret, readKey } from './key-text.ts';

/** Rows of the table `accesskeys`, one a key, in one partition. */
export interface KeyRow extends RowKey {
  /** The record as JSON. */
  record: string;
}

export const KEY_PARTITION = 'keys';

/** From this age on what is known of the keys is read again, while it still counts; ms. */
const FRESH_MS = 20_000;
/** At this age it does not count any more: a key that is revoked stops everywhere within a minute; ms. */
const MOST_MS = 50_000;
/** A name that is not known may be of a key that another instance made; ms between two looks for such. */
const UNKNOWN_MS = 1_000;

/**
 * The keys as this process knows them. All of them are read at once, at most once a second, so that wrong keys cost no requests of
 * their own.
 */
export class KeyBook {
  readonly #table: Table<KeyRow>;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  #records = new Map<string, KeyRecord>();
  /** When the read began that the records are of; ms, UTC. */
  #asOfMs = -Infinity;
  #begun = 0;
  #applied = 0;
  #reading: Promise<void> | undefined;

  constructor(table: Table<KeyRow>, clock: Clock, telemetry: Telemetry) {
    this.#table = table;
    this.#clock = clock;
    this.#telemetry = telemetry;
  }

  /**
   * The record of a valid key; undefined for a text that is not one of our keys.
   * @throws RequestError 401 for a key that is revoked or has expired; KeysUnreadableError 503 when the keys can't be read
   */
  async holderOf(given: string): Promise<KeyRecord | undefined> {
    const parts = readKey(given);
    const record = parts && (await this.#find(parts.name));
    const nowMs = this.#clock.now();
    if (!record || !hasSecret(record, parts.secret, nowMs)) return undefined;
    const state = stateOfKey(record, nowMs);
    if (state === 'active') return record;
    throw invalidCredential(`the access key ${record.name} ${state === 'revoked' ? 'was revoked' : 'has expired'}`);
  }

  /** Reads the keys as they are from now on. @throws TableError */
  async reload(): Promise<void> {
    const order = ++this.#begun;
    const asOfMs = this.#clock.now();
    const records = new Map<string, KeyRecord>();
    for await (const row of this.#table.query({ partitionKey: KEY_PARTITION })) {
      const record = decodeKey(row, this.#telemetry);
      if (record) records.set(record.name, record);
    }
    // A read that began later may have ended before.
    if (order < this.#applied) return;
    this.#applied = order;
    this.#asOfMs = asOfMs;
    this.#records = records;
  }

  async #find(name: string): Promise<KeyRecord | undefined> {
    const age = this.#clock.now() - this.#asOfMs;
    if (age >= MOST_MS) await this.#read();
    else if (age >= FRESH_MS)
      void this.#read().catch((error: unknown) => this.#telemetry.warn('keys-unreadable', describeError(error)));
    const known = this.#records.get(name);
    if (known || age >= MOST_MS || age < UNKNOWN_MS) return known;
    await this.#read();
    return this.#records.get(name);
  }

  /** Callers at once share one read. */
  #read(): Promise<void> {
    this.#reading ??= this.reload()
      .catch((error: unknown) => {
        throw new KeysUnreadableError(error);
      })
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }
}

/** A record of another form (of a newer release) may say what this one does not understand: its key opens nothing here. */
export function decodeKey({ rowKey, record }: KeyRow, telemetry: Telemetry): KeyRecord | undefined {
  const { data, error } = keyRecordSchema.safeParse(parsed(record));
  if (error) telemetry.error('key-record-unreadable', { key: rowKey });
  return data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Refused by the schema.
  }
}
