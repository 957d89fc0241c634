import { createHash } from 'node:crypto';
import { RowChangedError, RowExistsError } from '../tables/errors.ts';
import type { RowKey, Table } from '../tables/table.ts';
import type { Clock } from '../util/clock.ts';
import { type BucketLevel, refilled } from './token-bucket.ts';

/** What all processes together have left of one bucket, in the table `ratelimits`. */
export interface BucketRow extends RowKey {
  tokens: number;
  /** ms, UTC. */
  atMs: number;
  /** ISO 8601, UTC; for retention. */
  changedAt: string;
}

/** A process reports what it took once it is this part of a minute's requests: others learn of it then. */
const REPORTED_PART = 8;
const ATTEMPTS = 5;

/**
 * The bucket of one caller as one process sees it: what the table last said, refilled by time, less what was taken here. Who stays below
 * an eighth of the rate at a process costs no request of the table.
 */
export class SharedBucket {
  readonly #table: Table<BucketRow>;
  readonly #clock: Clock;
  readonly #key: RowKey;
  readonly #perMinute: number;
  #level: BucketLevel;
  /** Taken here, and not in the table yet. */
  #unreported = 0;
  #isReporting = false;

  constructor(table: Table<BucketRow>, clock: Clock, name: string, perMinute: number) {
    const digest = createHash('sha256').update(name).digest('hex');
    this.#table = table;
    this.#clock = clock;
    this.#key = { partitionKey: digest.slice(0, 2), rowKey: digest.slice(2) };
    this.#perMinute = perMinute;
    this.#level = { tokens: perMinute, atMs: clock.now() };
  }

  get tokens(): number {
    this.#level = refilled(this.#level, this.#perMinute, this.#clock.now());
    return this.#level.tokens;
  }

  /** Refilling in parts must not leave it a hair short. */
  get hasToken(): boolean {
    return this.tokens > 1 - 1e-6;
  }

  /** True when nothing is known of it that a new one would not have. */
  get isFull(): boolean {
    return !this.#isReporting && this.tokens >= this.#perMinute;
  }

  take(): void {
    this.#level = { ...this.#level, tokens: this.tokens - 1 };
    this.#unreported += 1;
  }

  get isReportDue(): boolean {
    return !this.#isReporting && this.#unreported >= Math.max(1, Math.floor(this.#perMinute / REPORTED_PART));
  }

  /** Takes from the table what was taken here, and learns what others took. @throws TableError */
  async report(): Promise<void> {
    this.#isReporting = true;
    const taken = this.#unreported;
    try {
      const shared = await this.#write(taken);
      this.#unreported -= taken;
      this.#level = { ...shared, tokens: Math.max(0, shared.tokens - this.#unreported) };
    } finally {
      this.#isReporting = false;
    }
  }

  async #write(taken: number): Promise<BucketLevel> {
    for (let attempt = 1; ; attempt++) {
      const known = await this.#table.get(this.#key.partitionKey, this.#key.rowKey);
      const nowMs = this.#clock.now();
      const { tokens, atMs } = refilled(known ?? { tokens: this.#perMinute, atMs: nowMs }, this.#perMinute, nowMs);
      const level = { tokens: Math.max(0, tokens - taken), atMs };
      const row = { ...this.#key, ...level, changedAt: new Date(nowMs).toISOString() };
      try {
        await (known ? this.#table.replace(row, known.etag) : this.#table.insert(row));
        return level;
      } catch (error) {
        const isOthers = error instanceof RowChangedError || error instanceof RowExistsError;
        if (!isOthers || attempt === ATTEMPTS) throw error;
      }
    }
  }
}
