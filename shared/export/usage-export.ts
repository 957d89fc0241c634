import type { Ledger } from '../ledger/ledger.ts';
import { RowChangedError, RowExistsError } from '../tables/errors.ts';
import type { RowKey, Stored, Tables } from '../tables/table.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import { closedBefore, type LateMarks } from '../usage/rollups/late-marks.ts';
import { HOUR_MS, nextHour, startOfSpan } from '../usage/spans.ts';
import type { Clock } from '../util/clock.ts';
import { exportHour, type FileFormat } from './export-hour.ts';
import type { ExportStore } from './export-store.ts';

/** Files of the ledger in Blob Storage, for other programs to read. */
export interface UsageExport {
  /** Writes what is due, and begins nothing after most of a minute. @throws ExportStoreError, TableError: the next run goes on */
  run(): Promise<ExportRun>;
}

export interface ExportRun {
  parts: number;
  rows: number;
  /** Hours that have ended and are not in files yet, or got late events since. */
  backlog: number;
}

/** What is loaded where the export is on. */
export interface ExportFiles extends FileFormat {
  store: ExportStore;
}

export interface UsageExportOptions {
  tables: Tables;
  ledger: Pick<Ledger, 'between' | 'earliestHour'>;
  /** Those for the export. */
  marks: LateMarks;
  files(): Promise<ExportFiles>;
  clock: Clock;
  telemetry: Telemetry;
}

interface HeadRow extends RowKey {
  exportedBefore: string;
  ranAtMs: number;
  /** Where a run stopped within an hour: its first minute that is to be compared, and the late mark that it was for ('': none). */
  openHour?: string | undefined;
  openMinute?: number | undefined;
  openMark?: string | undefined;
}

const TABLE = 'export';
const headKey = { partitionKey: 'export', rowKey: 'head' };
/** Work that is not begun by then is left to the next run. */
const BEGIN_WITHIN_MS = 45_000;
/** After a longer pause the export may have been off, so that late events left no marks: every hour is compared once more. */
const PAUSE_MS = 6 * HOUR_MS;

export function createUsageExport(options: UsageExportOptions): UsageExport {
  const { tables, ledger, marks, files, clock, telemetry } = options;
  const table = tables.open<HeadRow>(TABLE);

  async function head(): Promise<Stored<HeadRow>> {
    const known = await table.get(headKey.partitionKey, headKey.rowKey);
    if (known && clock.now() - known.ranAtMs < PAUSE_MS) return known;
    const closed = closedBefore(clock.now());
    const exportedBefore = (await ledger.earliestHour()) ?? closed;
    const row = { ...headKey, exportedBefore: exportedBefore < closed ? exportedBefore : closed, ranAtMs: clock.now() };
    return { ...row, etag: known ? await table.replace(row, known.etag) : await table.insert(row) };
  }

  async function move(known: Stored<HeadRow>, change: Partial<HeadRow>): Promise<Stored<HeadRow>> {
    const { etag, ...row } = { ...known, ...change, ranAtMs: clock.now() };
    return { ...row, etag: await table.replace(row, etag) };
  }

  async function run(): Promise<ExportRun> {
    const endMs = clock.now() + BEGIN_WITHIN_MS;
    const isOver = () => clock.now() >= endMs;
    const deps = { ledger, isOver, ...(await files()) };
    const total = { parts: 0, rows: 0 };
    let at = await head();
    /** @returns whether the files have the hour */
    const write = async (hour: string, mark: string): Promise<boolean> => {
      const isOpen = at.openHour === hour && at.openMark === mark;
      const { end, minute, parts, rows } = await exportHour(deps, hour, isOpen ? at.openMinute : 0);
      total.parts += parts;
      total.rows += rows;
      if (end === 'open') at = await move(at, { openHour: hour, openMinute: minute, openMark: mark });
      return end === 'done';
    };

    const quiet = (await marks.list()).filter((mark) => mark.quiet && mark.hour < at.exportedBefore);
    let late = quiet.length;
    for (const mark of quiet) {
      if (isOver() || !(await write(mark.hour, mark.etag))) continue;
      await marks.remove(mark);
      late -= 1;
    }
    const closed = closedBefore(clock.now());
    while (at.exportedBefore < closed && !isOver() && (await write(at.exportedBefore, '')))
      at = await move(at, { exportedBefore: nextHour(at.exportedBefore) });
    // Also where nothing was due: the next run sees that this one was there.
    await move(at, {});
    return { ...total, backlog: late + hoursFrom(at.exportedBefore, closed) };
  }

  return {
    async run() {
      try {
        const done = await run();
        telemetry.measure('usage-export-backlog-hours', done.backlog);
        if (done.parts > 0) telemetry.info('usage-exported', { ...done });
        return done;
      } catch (error) {
        // Another run is at it.
        if (error instanceof RowChangedError || error instanceof RowExistsError)
          return { parts: 0, rows: 0, backlog: 0 };
        telemetry.warn('usage-not-exported', describeError(error));
        throw error;
      }
    },
  };
}

/** Hours before this one (`2026-11-23T10`, UTC) are in files; undefined before the first run. @throws TableError */
export async function exportedBefore(tables: Tables): Promise<string | undefined> {
  return (await tables.open<HeadRow>(TABLE).get(headKey.partitionKey, headKey.rowKey))?.exportedBefore;
}

const hoursFrom = (from: string, before: string): number =>
  Math.max(0, (startOfSpan(before) - startOfSpan(from)) / HOUR_MS);
