import { RowChangedError } from '../../tables/errors.ts';
import { type RowKey, type Stored, type Table, tableKey } from '../../tables/table.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { inParallel } from '../../util/in-parallel.ts';
import type { AlertReceiver } from './alert-receivers.ts';
import type { Reported } from './approval-alert.ts';
import type { postAlert } from './post-alert.ts';
import { alertMessageId } from './sign-alert.ts';

/** An alert on its way to one target, or one that was given up: rows `due!…` and `dead!…` of the table `limitalerts`. */
export interface AlertRow extends RowKey {
  limitId: string;
  target: string;
  /** The alert as JSON. */
  alert: string;
  attempts: number;
  /** ms, UTC. */
  dueAtMs: number;
  createdAt: Date;
  /** What became of the last attempt. */
  lastError: string;
}

export interface AlertOutboxOptions {
  table: Table<AlertRow>;
  receivers: readonly AlertReceiver[];
  allowPrivate: boolean;
  post: typeof postAlert;
  clock: Clock;
  telemetry: Telemetry;
}

const PARTITION = 'alerts';
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** After each attempt but the last: about a day in all. */
const pausesMs = [
  SECOND_MS,
  5 * SECOND_MS,
  25 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  8 * HOUR_MS,
];
/** So long the process that made an alert waits for its next attempt; later ones are the timer's. */
const SOON_MS = 30 * SECOND_MS;
const TIMEOUT_MS = 10 * SECOND_MS;
/** While one process tries, no other does. */
const CLAIM_MS = MINUTE_MS;
const AT_ONCE = 4;

/** An alert that was given up. Times are ISO 8601, UTC. */
export interface DeadAlert {
  id: string;
  limitId: string;
  event: Reported['event'];
  target: string;
  attempts: number;
  createdAt: string;
  lastError: string;
}

const DEAD = 'dead!';
const MOST_LISTED = 1_000;

/** The alerts that were given up. */
export const deadAlerts = (table: Table<AlertRow>): AsyncIterable<Stored<AlertRow>> =>
  table.query({ partitionKey: PARTITION, from: 'dead!', before: 'dead"' });

/**
 * Alerts until a target has acknowledged them: at least once each, about a day long, then as dead letters. Attempts of several
 * processes exclude each other by the row's ETag.
 */
export class AlertOutbox {
  readonly #options: AlertOutboxOptions;

  constructor(options: AlertOutboxOptions) {
    this.#options = options;
  }

  /** True where there is somebody to tell. */
  get hasReceivers(): boolean {
    return this.#options.receivers.length > 0;
  }

  /**
   * Makes an alert durable, for each target. Doing it twice is once. Until `dueAtMs` (UTC) only `deliverSoon` delivers it.
   * @returns the keys for `deliverSoon`
   */
  async put(alert: Reported, dueAtMs = this.#options.clock.now() + CLAIM_MS): Promise<string[]> {
    const { table, receivers, clock } = this.#options;
    const keys = receivers.map(({ name }) => `${alertMessageId(alert.id)}!${name}`);
    const createdAt = new Date(clock.now());
    await Promise.all(
      receivers.map(({ name }, place) =>
        table.insertIfAbsent({
          partitionKey: PARTITION,
          rowKey: `due!${keys[place]}`,
          limitId: alert.limitId,
          target: name,
          alert: JSON.stringify(alert),
          attempts: 0,
          dueAtMs,
          createdAt,
          lastError: '',
        }),
      ),
    );
    return keys;
  }

  /** Delivers what was just put, with the attempts that are due within seconds. */
  async deliverSoon(keys: string[]): Promise<void> {
    const { table, clock } = this.#options;
    await Promise.all(
      keys.map(async (key) => {
        for (;;) {
          const row = await table.get(PARTITION, `due!${key}`);
          const dueAtMs = row && (await this.#attempt(row));
          const pauseMs = dueAtMs === undefined ? SOON_MS : dueAtMs - clock.now();
          if (pauseMs >= SOON_MS) return;
          await clock.sleep(pauseMs);
        }
      }),
    );
  }

  /** Delivers what is due, and begins nothing after `untilMs`. @returns how much is left for the next run */
  async deliverDue(untilMs: number): Promise<number> {
    const { table, clock } = this.#options;
    const due: Stored<AlertRow>[] = [];
    for await (const row of table.query({ partitionKey: PARTITION, from: 'due!', before: 'due"' }))
      if (row.dueAtMs <= clock.now()) due.push(row);
    let left = 0;
    await inParallel(due, AT_ONCE, async (row) => {
      if (clock.now() >= untilMs) left++;
      else await this.#attempt(row);
    });
    return left;
  }

  /** Deletes dead letters that were made before then (ms, UTC). @returns how many */
  async prune(beforeMs: number): Promise<number> {
    const { table } = this.#options;
    let rows = 0;
    for await (const row of deadAlerts(table))
      if (row.createdAt.getTime() < beforeMs && (await table.remove(row))) rows++;
    return rows;
  }

  /** The alerts that were given up, the first 1,000. @throws TableError */
  async listDead(): Promise<DeadAlert[]> {
    const found: DeadAlert[] = [];
    for await (const { rowKey, limitId, alert, target, attempts, createdAt, lastError } of deadAlerts(
      this.#options.table,
    )) {
      const { event } = JSON.parse(alert) as Reported;
      const id = rowKey.slice(DEAD.length);
      found.push({ id, limitId, event, target, attempts, createdAt: createdAt.toISOString(), lastError });
      if (found.length === MOST_LISTED) break;
    }
    return found;
  }

  /**
   * Makes alerts that were given up due again, with all their attempts. The timer delivers them.
   * @returns `skipped`: how many ids are not among them @throws TableError
   */
  async replay(ids: readonly string[]): Promise<{ replayed: string[]; skipped: number }> {
    const { table, clock } = this.#options;
    const replayed: string[] = [];
    for (const id of new Set(ids)) {
      const found = await table.get(PARTITION, tableKey(`${DEAD}${id}`));
      if (!found) continue;
      const { etag: _, ...row } = found;
      const due = { ...row, rowKey: `due!${id}`, attempts: 0, dueAtMs: clock.now() };
      try {
        await table.transact([
          { kind: 'delete', key: row },
          { kind: 'upsert', row: due },
        ]);
        replayed.push(id);
      } catch (error) {
        // Another admin was faster.
        if (!(error instanceof RowChangedError)) throw error;
      }
    }
    return { replayed, skipped: new Set(ids).size - replayed.length };
  }

  /** When the next attempt is due; undefined when there is none, or another process has the row. */
  async #attempt(found: Stored<AlertRow>): Promise<number | undefined> {
    const { table, receivers, clock, telemetry } = this.#options;
    const { etag, ...before } = found;
    const row: AlertRow = { ...before, attempts: before.attempts + 1, dueAtMs: clock.now() + CLAIM_MS };
    const receiver = receivers.find(({ name }) => name === row.target);
    try {
      const claim = await table.replace(row, etag);
      const failure = receiver ? await this.#post(row, receiver) : 'it is no longer among the targets';
      if (failure === undefined) {
        await table.remove(row, claim);
        return undefined;
      }
      telemetry.warn('limit-alert-not-delivered', { limitId: row.limitId, target: row.target, failure });
      const pauseMs = receiver && pausesMs[row.attempts - 1];
      if (pauseMs === undefined) {
        await this.#giveUp({ ...row, lastError: failure });
        return undefined;
      }
      const dueAtMs = clock.now() + pauseMs;
      await table.replace({ ...row, dueAtMs, lastError: failure }, claim);
      return dueAtMs;
    } catch (error) {
      if (error instanceof RowChangedError) return undefined;
      throw error;
    }
  }

  /** Why it was not acknowledged; undefined when it was. */
  async #post({ alert }: AlertRow, receiver: AlertReceiver): Promise<string | undefined> {
    const { allowPrivate, post, clock } = this.#options;
    const request = receiver.requestOf(JSON.parse(alert) as Reported, clock.now());
    try {
      const status = await post({ ...request, allowPrivate, timeoutMs: TIMEOUT_MS });
      return status >= 200 && status < 300 ? undefined : `status ${status}`;
    } catch (error) {
      return Object.values(describeError(error)).join(': ');
    }
  }

  async #giveUp(row: AlertRow): Promise<void> {
    const { table, telemetry } = this.#options;
    await table.transact([
      { kind: 'delete', key: row },
      { kind: 'upsert', row: { ...row, rowKey: row.rowKey.replace(/^due!/, 'dead!') } },
    ]);
    telemetry.error('limit-alert-given-up', { limitId: row.limitId, target: row.target, attempts: row.attempts });
    telemetry.count('limit-alerts-dead', 1);
  }
}
