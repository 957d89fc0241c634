import { odata } from '@azure/data-tables';
import { RowChangedError } from '../tables/errors.ts';
import type { Stored, Table } from '../tables/table.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import { DAY_MS } from '../util/days.ts';
import { digestOfUser, ERASED_USER } from './erased-users.ts';
import { ERASURES_PARTITION, type ErasureRow } from './erasure-row.ts';
import { type ErasureCounts, type ErasureSources, erasureSteps } from './erasure-steps.ts';

/** How far a deletion is. */
export interface Erasure {
  /** `under_way`: a timer goes on. `swept`: all of it is deleted; after `beforeMs` a timer looks once more. `done`: it has. */
  state: ErasureRow['state'];
  /** ms, UTC: calls that begin before count as before the deletion. */
  beforeMs: number;
  counts: ErasureCounts;
}

/** Deletes what is kept of a user. Sums of usage stay: the user's calls count for {@link ERASED_USER}. */
export interface UserErasure {
  /** Begins it, or goes on with it, for less than a minute. @throws TableError, UsageChangedError, ExportStoreError: then a timer goes on */
  erase(userId: string): Promise<Erasure>;
  /** Goes on with those that are not done, for less than a minute. @returns how many are not done after it */
  resume(): Promise<number>;
}

export interface UserErasureOptions extends ErasureSources {
  telemetry: Telemetry;
  /** How many days an event may come late: the ledger's retention. */
  keptDays: number;
}

/** Work that is not begun by then is left to the timer. */
const BEGIN_WITHIN_MS = 45_000;
/** After that long every process knows of the deletion, and what it was about to write is written. */
const SETTLE_MS = 600_000;

type StoredErasure = Stored<ErasureRow>;

export function createUserErasure({ telemetry, keptDays, ...sources }: UserErasureOptions): UserErasure {
  const { tables, clock } = sources;
  const table: Table<ErasureRow> = tables.open('erasures');
  const write = async (row: ErasureRow, etag: string): Promise<StoredErasure> => ({
    ...row,
    etag: await table.replace(row, etag),
  });

  async function begin(userId: string): Promise<StoredErasure> {
    const key = { partitionKey: ERASURES_PARTITION, rowKey: digestOfUser(userId) };
    const known = await table.get(key.partitionKey, key.rowKey);
    if (known?.state === 'under_way') return known;
    const beforeMs = clock.now() + SETTLE_MS;
    const row: ErasureRow = { ...key, userId, beforeMs, state: 'under_way', step: 0, from: '', counts: '{}' };
    return known ? write(row, known.etag) : { ...row, etag: await table.insert(row) };
  }

  /** Once through all steps, as far as the time allows. */
  async function sweep(begun: StoredErasure, isOver: () => boolean): Promise<StoredErasure> {
    let row = begun;
    const { userId, beforeMs } = begun;
    if (userId === undefined) return row;
    const rename = { userId, name: ERASED_USER, beforeMs };
    for (let step = erasureSteps[row.step]; step && !isOver(); step = erasureSteps[row.step]) {
      const { next, counts } = await step(sources, rename, { from: row.from, isOver });
      const place = next === undefined ? { step: row.step + 1, from: '' } : { from: next };
      row = await write({ ...row, ...place, counts: JSON.stringify(added(countsOf(row), counts)) }, row.etag);
    }
    if (row.step < erasureSteps.length) return row;
    const isLast = begun.state === 'swept';
    const end = isLast ? ({ state: 'done', userId: undefined } as const) : ({ state: 'swept', step: 0 } as const);
    row = await write({ ...row, ...end }, row.etag);
    telemetry.info('user-data-erased', { state: row.state, ...countsOf(row) });
    return row;
  }

  const deadline = (): (() => boolean) => {
    const endMs = clock.now() + BEGIN_WITHIN_MS;
    return () => clock.now() >= endMs;
  };

  return {
    async erase(userId) {
      const row = await sweep(await begin(userId), deadline());
      return { state: row.state, beforeMs: row.beforeMs, counts: countsOf(row) };
    },
    async resume() {
      const isOver = deadline();
      let open = 0;
      for await (const row of table.query({ partitionKey: ERASURES_PARTITION, where: odata`state ne ${'done'}` })) {
        open += 1;
        if (isOver() || (row.state === 'swept' && clock.now() < row.beforeMs)) continue;
        try {
          if ((await sweep(row, isOver)).state === 'done') open -= 1;
        } catch (error) {
          // Another process goes on with it, or a table is away: the next run does.
          if (!(error instanceof RowChangedError)) telemetry.warn('user-erasure-failed', describeError(error));
        }
      }
      const before = clock.now() - keptDays * DAY_MS;
      for await (const row of table.query({ partitionKey: ERASURES_PARTITION, where: odata`state eq ${'done'}` }))
        if (row.beforeMs < before) await table.remove(row, row.etag);
      return open;
    },
  };
}

const nothing: ErasureCounts = {
  accessKeys: 0,
  instances: 0,
  deadLetters: 0,
  usageEvents: 0,
  ingestedEvents: 0,
  rollups: 0,
  refusals: 0,
  limits: 0,
  exportedFiles: 0,
  atProvider: 0,
};

const countsOf = ({ counts }: ErasureRow): ErasureCounts => ({
  ...nothing,
  ...(JSON.parse(counts) as Partial<ErasureCounts>),
});

function added(sum: ErasureCounts, more: Partial<ErasureCounts>): ErasureCounts {
  const names = Object.keys(sum) as (keyof ErasureCounts)[];
  return Object.fromEntries(names.map((name) => [name, sum[name] + (more[name] ?? 0)])) as unknown as ErasureCounts;
}
