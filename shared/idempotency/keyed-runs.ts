import { randomUUID } from 'node:crypto';
import { odata } from '@azure/data-tables';
import type { Seal } from '../seal/seal.ts';
import { RowChangedError, RowExistsError, TableUncertainError } from '../tables/errors.ts';
import type { RowKey, Stored, Table, Tables } from '../tables/table.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { DAY_MS } from '../util/days.ts';
import { inParallel } from '../util/in-parallel.ts';
import { answerLost, keyReused, keysUnavailable, stillRunning } from './errors.ts';
import { failedOutcome, isPaid, type OutcomeKept, replayed } from './outcome.ts';
import { contentDigest, type KeyOwner, openRecord, type RunRow, runKey, sealRecord } from './run-row.ts';

/** A request with an `Idempotency-Key`. */
export interface KeyedRequest {
  key: string;
  owner: KeyOwner;
  /** All that makes it the same request as another one. It is kept as a digest, and must be JSON. */
  content: unknown;
}

/** Runs paid work once per key. */
export interface KeyedRuns {
  /**
   * The result of `work`, or of the first request with this key. While that is under way, here or on another instance, it is waited for.
   * However processes end, work is never run twice for a key within 24 hours, unless it failed without being paid for.
   * @param signal aborts the wait for another request, never work.
   * @throws what `work` throws, or threw the first time; RequestError 409 for another content and where the first answer is not
   *   available; 400 where keys are not available; TableError
   */
  once<T>(request: KeyedRequest, work: () => Promise<T>, signal: AbortSignal): Promise<{ data: T; isReplay: boolean }>;
  /** Deletes what is older than 24 hours. @returns how many rows */
  prune(): Promise<number>;
}

interface KeyedRunsOptions {
  tables: Tables;
  /** Absent when the app has no key to seal with. */
  seal: Seal | undefined;
  /** The longest that work takes, in ms. */
  deadlineMs: number;
  clock: Clock;
  telemetry: Telemetry;
}

const KEPT_MS = DAY_MS;
/** After the model's deadline the last event is published and the outcome is written. */
const ENDING_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const PAGE = 1_000;
const REMOVED_AT_ONCE = 8;

export function createKeyedRuns({ tables, seal, deadlineMs, clock, telemetry }: KeyedRunsOptions): KeyedRuns {
  const table = tables.open<RunRow>('keyedruns');

  /** The row of the key: ours when there was none. */
  async function claim(seal: Seal, at: RowKey, runId: string, content: string): Promise<Stored<RunRow>> {
    for (;;) {
      const known = await table.get(at.partitionKey, at.rowKey);
      const nowMs = clock.now();
      if (known && (known.runId === runId || known.startedAt >= keptSince(nowMs))) return known;
      const columns = sealRecord(seal, at, { content });
      const startedAt = new Date(nowMs).toISOString();
      const row = { ...at, runId, startedAt, leaseUntilMs: nowMs + deadlineMs + ENDING_MS, ...columns };
      try {
        const etag = known ? await table.replace(row, known.etag) : await table.insert(row);
        return { ...row, etag };
      } catch (error) {
        // Another request was faster, or the write may have happened: the row says so.
        const isOpen =
          error instanceof RowExistsError || error instanceof RowChangedError || error instanceof TableUncertainError;
        if (!isOpen) throw error;
      }
    }
  }

  /** The answer is there and paid: that it can't be kept does not take it away. Nobody else writes a row that is under way. */
  async function keep(seal: Seal, row: Stored<RunRow>, content: string, outcome: OutcomeKept): Promise<void> {
    const { partitionKey, rowKey, runId, startedAt, leaseUntilMs } = row;
    try {
      const columns = sealRecord(seal, row, { content, outcome });
      await table.upsert({ partitionKey, rowKey, runId, startedAt, leaseUntilMs, ...columns });
    } catch (error) {
      report('keyed-answer-not-kept', error);
    }
  }

  async function free(row: Stored<RunRow>): Promise<void> {
    try {
      // A repeated delete may meet the row of the next request, which stays.
      await removeUnchanged(table, row);
    } catch (error) {
      report('key-not-freed', error);
    }
  }

  function report(event: string, error: unknown): void {
    telemetry.count('keyed-runs-not-ended');
    telemetry.error(event, describeError(error));
  }

  async function run<T>(seal: Seal, row: Stored<RunRow>, content: string, work: () => Promise<T>): Promise<T> {
    let data: T;
    try {
      data = await work();
    } catch (error) {
      if (isPaid(error)) await keep(seal, row, content, failedOutcome(error));
      else await free(row);
      throw error;
    }
    await keep(seal, row, content, { kind: 'answered', data });
    return data;
  }

  return {
    async once<T>({ key, owner, content: asked }: KeyedRequest, work: () => Promise<T>, signal: AbortSignal) {
      if (!seal) throw keysUnavailable();
      const at = runKey(owner, key);
      const content = contentDigest(asked);
      const runId = randomUUID();
      const giveUpMs = clock.now() + deadlineMs;
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        const row = await claim(seal, at, runId, content);
        if (row.runId === runId) return { data: await run(seal, row, content, work), isReplay: false };
        const record = openRecord(seal, row);
        if (!record) throw answerLost();
        if (record.content !== content) throw keyReused();
        if (record.outcome) return { data: replayed(record.outcome) as T, isReplay: true };
        if (clock.now() >= row.leaseUntilMs) throw answerLost();
        if (clock.now() >= giveUpMs) throw stillRunning();
        await clock.sleep(pauseMs, signal);
      }
    },
    async prune() {
      let removed = 0;
      const remove = async (rows: Stored<RowKey>[]): Promise<void> => {
        const gone = await inParallel(rows, REMOVED_AT_ONCE, (row) => removeUnchanged(table, row));
        removed += gone.filter(Boolean).length;
      };
      const old: Stored<RowKey>[] = [];
      const where = odata`startedAt lt ${keptSince(clock.now())}`;
      for await (const { partitionKey, rowKey, etag } of table.query({ where, select: ['PartitionKey', 'RowKey'] })) {
        old.push({ partitionKey, rowKey, etag });
        if (old.length === PAGE) await remove(old.splice(0));
      }
      await remove(old);
      return removed;
    },
  };
}

const keptSince = (nowMs: number): string => new Date(nowMs - KEPT_MS).toISOString();

/** A row that changed since it was read is that of a new request with an old key. */
async function removeUnchanged(table: Table<RunRow>, row: Stored<RowKey>): Promise<boolean> {
  try {
    return await table.remove(row, row.etag);
  } catch (error) {
    if (error instanceof RowChangedError) return false;
    throw error;
  }
}
