import { odata } from '@azure/data-tables';
import { TrailmeterError } from '../errors/trailmeter-error.ts';
import type { RowKey, Tables } from '../tables/table.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { uuidV7 } from '../util/ids.ts';
import type { AdminChange } from './admin-change.ts';

/** Rows of the table `adminlog`, the latest first, in one partition. They are never deleted. */
interface AdminLogRow extends RowKey {
  at: Date;
  action: string;
  target: string;
  userId: string;
  via: string;
  key?: string | undefined;
  address?: string | undefined;
  requestId: string;
  outcome: AdminChange['outcome'];
  error?: string;
  /** JSON. */
  before?: string;
  after?: string;
}

/** What is known of a change before it is made. */
export type ChangeRequest = Pick<AdminChange, 'action' | 'target' | 'who' | 'from'>;

/** What a change came to. */
export interface ChangeResult {
  /** Where it is known only now. */
  target?: string;
  before?: unknown;
  after?: unknown;
}

export interface AdminLogQuery {
  action?: string | undefined;
  target?: string | undefined;
  /** Entries older than this one, by its id. */
  olderThan?: string | undefined;
  most: number;
}

export interface AdminLog {
  /**
   * Makes a change with its entry. The entry is written first, so that no change is without one: where it can't be, nothing is changed.
   * @throws TableError; what `work` throws
   */
  record<T extends ChangeResult>(request: ChangeRequest, work: () => Promise<T>): Promise<T>;
  /** The latest first. `next`: the id to go on from; null at the end. */
  list(query: AdminLogQuery): Promise<{ changes: AdminChange[]; next: string | null }>;
}

const PARTITION = 'log';
/** Behind all dates: subtracted from, it makes later rows come first. */
const LAST_MS = 9_999_999_999_999;
/** Characters of JSON; a column takes 32 Ki. */
const MAX_JSON = 30_000;
const SHOWN_JSON = 10_000;

export function createAdminLog(tables: Tables, clock: Clock, telemetry: Telemetry): AdminLog {
  const table = tables.open<AdminLogRow>('adminlog');
  let latestMs = 0;
  /** A millisecond of its own in this process: of two changes in one, the later would come behind the earlier. */
  const nextKey = (nowMs: number): string => {
    latestMs = Math.max(nowMs, latestMs + 1);
    return `${String(LAST_MS - latestMs).padStart(13, '0')}-${uuidV7(nowMs)}`;
  };
  return {
    async record({ action, target, who, from }, work) {
      const nowMs = clock.now();
      const rowKey = nextKey(nowMs);
      const place = { partitionKey: PARTITION, rowKey };
      const finish = (end: Partial<AdminLogRow>): Promise<unknown> =>
        // The change has been made or refused: its answer is not withheld, and the entry says `begun`.
        table.merge({ ...place, ...end }).catch((error: unknown) => {
          telemetry.error('admin-log-unfinished', { id: rowKey, action, target, ...describeError(error) });
        });
      await table.insert({
        ...place,
        at: new Date(nowMs),
        action,
        target,
        userId: who.userId,
        via: who.via,
        key: who.key ?? undefined,
        address: from.address ?? undefined,
        requestId: from.requestId,
        outcome: 'begun',
      });
      try {
        const result = await work();
        const { before, after, target: known = target } = result;
        await finish({ outcome: 'done', target: known, before: textOf(before), after: textOf(after) });
        return result;
      } catch (error) {
        await finish({ outcome: 'failed', error: error instanceof TrailmeterError ? error.code : 'internal_error' });
        throw error;
      }
    },
    async list({ action, target, olderThan, most }) {
      const conditions = [
        action !== undefined && odata`action eq ${action}`,
        target !== undefined && odata`target eq ${target}`,
      ].filter((condition) => condition !== false);
      const changes: AdminChange[] = [];
      const rows = table.query({
        partitionKey: PARTITION,
        // Behind that very key, and before all others that come after it.
        ...(olderThan !== undefined && { from: `${olderThan}!` }),
        ...(conditions.length > 0 && { where: conditions.join(' and ') }),
      });
      for await (const row of rows) {
        if (changes.length === most) return { changes, next: changes.at(-1)?.id ?? null };
        changes.push(changeOf(row));
      }
      return { changes, next: null };
    },
  };
}

const changeOf = (row: AdminLogRow): AdminChange => ({
  id: row.rowKey,
  at: row.at.toISOString(),
  action: row.action,
  target: row.target,
  who: { userId: row.userId, via: row.via, key: row.key ?? null },
  from: { address: row.address ?? null, requestId: row.requestId },
  outcome: row.outcome,
  error: row.error ?? null,
  before: JSON.parse(row.before ?? 'null'),
  after: JSON.parse(row.after ?? 'null'),
});

/** What is too long for a column is kept as the beginning of its text, in `cut`. */
function textOf(value: unknown): string {
  const json = JSON.stringify(value ?? null);
  return json.length <= MAX_JSON ? json : JSON.stringify({ cut: json.slice(0, SHOWN_JSON) });
}
