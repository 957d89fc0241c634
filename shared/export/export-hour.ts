import type { Ledger } from '../ledger/ledger.ts';
import { minuteOfPartition, partitionOf } from '../ledger/ledger-row.ts';
import { nextHour } from '../usage/spans.ts';
import { type ExportRow, exportRowOf } from './columns.ts';
import { eventIdOf, isSameRow, isTakenBack, takenBack } from './export-row.ts';
import type { ExportStore } from './export-store.ts';
import { currentParts, type ExportPart, folderOf, partName, slicesOf } from './parts.ts';

/** How files are made and read, which is loaded where the export is on. */
export type FileFormat = Pick<typeof import('./parquet.ts'), 'createParquetFile' | 'rowsOfParquet'>;

export interface HourDeps extends FileFormat {
  ledger: Pick<Ledger, 'between'>;
  store: ExportStore;
  /** True when no more work is to be begun. */
  isOver(): boolean;
}

/** `open`: the time was over first. `overtaken`: somebody else wrote or replaced a file of the hour meanwhile. */
export interface ExportedHour {
  end: 'done' | 'open' | 'overtaken';
  parts: number;
  rows: number;
}

/** Rows of a file: some MB. */
const PART_ROWS = 100_000;

/**
 * Writes what the ledger has of an hour and its files have not, as further files. An event whose row changed since is taken back and
 * written again, so that sums over all rows are those of the ledger. A file is created only under the next number and only where
 * nobody created it before: whoever created it knew all files before it. So a run may end at any step, and two may run at once.
 * @throws ExportStoreError, TableError
 */
export async function exportHour({ ledger, store, isOver, ...format }: HourDeps, hour: string): Promise<ExportedHour> {
  const listed: ExportPart[] = [];
  for await (const part of store.list({ prefix: folderOf(hour) })) listed.push(part);
  const parts = currentParts(listed);
  let number = (parts.at(-1)?.number ?? -1) + 1;
  const done: ExportedHour = { end: 'done', parts: 0, rows: 0 };
  let file = format.createParquetFile();

  /** @returns false when another run was first */
  async function write(): Promise<boolean> {
    const rows = file.rows();
    if (rows === 0) return true;
    if (!(await store.create(partName(hour, number), file.finish()))) return false;
    number += 1;
    done.parts += 1;
    done.rows += rows;
    file = format.createParquetFile();
    return true;
  }

  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  for (const slice of slicesOf(hour, nextHour(hour), bytes)) {
    if (isOver()) return (await write()) ? { ...done, end: 'open' } : { ...done, end: 'overtaken' };
    const exported = await exportedIn({ store, ...format }, parts, slice);
    if (!exported) return { ...done, end: 'overtaken' };
    for await (const row of ledger.between(slice.from, slice.before)) {
      const now = exportRowOf(row, number);
      const before = exported.get(row.rowKey);
      if (before && isSameRow(before, now)) continue;
      if (before) file.add(takenBack(before, number));
      file.add(now);
      if (file.rows() < PART_ROWS) continue;
      if (!(await write())) return { ...done, end: 'overtaken' };
      if (isOver()) return { ...done, end: 'open' };
    }
  }
  return (await write()) ? done : { ...done, end: 'overtaken' };
}

/** The row that the files have last of each event of the slice; undefined when a file was replaced since it was listed. */
async function exportedIn(
  { store, rowsOfParquet }: Pick<HourDeps, 'store' | 'rowsOfParquet'>,
  parts: readonly ExportPart[],
  { from, before }: { from: string; before: string },
): Promise<ReadonlyMap<string, ExportRow> | undefined> {
  const exported = new Map<string, ExportRow>();
  for (const { name } of parts) {
    const bytes = await store.read(name);
    if (!bytes) return undefined;
    for await (const row of rowsOfParquet(bytes)) {
      const minute = minuteOfPartition(partitionOf(eventIdOf(row)));
      if (minute >= from && minute < before && !isTakenBack(row)) exported.set(eventIdOf(row), row);
    }
  }
  return exported;
}
