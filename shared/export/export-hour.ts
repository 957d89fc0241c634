import type { Ledger } from '../ledger/ledger.ts';
import { type ExportRow, exportRowOf } from './columns.ts';
import { eventIdOf, isSameRow, isTakenBack, startOfRow, takenBack } from './export-row.ts';
import type { ExportStore } from './export-store.ts';
import type { Times } from './parquet.ts';
import { currentParts, type ExportPart, folderOf, partName, type Slice, slicesOf } from './parts.ts';

/** How files are made and read, which is loaded where the export is on. */
export type FileFormat = Pick<typeof import('./parquet.ts'), 'createParquetFile' | 'rowsOfParquet'>;

export interface HourDeps extends FileFormat {
  ledger: Pick<Ledger, 'between'>;
  store: ExportStore;
  /** True when no more work is to be begun. */
  isOver(): boolean;
}

export interface ExportedHour {
  /** `open`: the time was over first. `overtaken`: somebody else wrote or replaced a file of the hour meanwhile. */
  end: 'done' | 'open' | 'overtaken';
  /** Where to go on when it is open: minutes before this one are in files. */
  minute: number;
  parts: number;
  rows: number;
}

/** Rows of a file: some MB. */
const PART_ROWS = 100_000;

/**
 * Writes what the ledger has of an hour, from a minute on, and its files have not, as further files. An event whose row changed since is
 * taken back and written again, so that sums over all rows are those of the ledger. A file is created only under the next number and
 * only where nobody created it before: whoever created it knew all files before it. So a run may end at any step, and two may run at
 * once.
 * @throws ExportStoreError, TableError
 */
export async function exportHour(
  { ledger, store, isOver, ...format }: HourDeps,
  hour: string,
  firstMinute = 0,
): Promise<ExportedHour> {
  const listed: ExportPart[] = [];
  for await (const part of store.list({ prefix: folderOf(hour) })) listed.push(part);
  const parts = currentParts(listed);
  let number = (parts.at(-1)?.number ?? -1) + 1;
  const done: ExportedHour = { end: 'done', minute: firstMinute, parts: 0, rows: 0 };
  let file = format.createParquetFile();

  /** @returns what the hour came to: `overtaken` when another run was first */
  async function write(end: ExportedHour['end']): Promise<ExportedHour> {
    const rows = file.rows();
    if (rows === 0) return { ...done, end };
    if (!(await store.create(partName(hour, number), file.finish()))) return { ...done, end: 'overtaken' };
    number += 1;
    done.parts += 1;
    done.rows += rows;
    file = format.createParquetFile();
    return { ...done, end };
  }

  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const written = writtenParts({ store, ...format }, parts);
  for (const slice of slicesOf(hour, bytes, firstMinute)) {
    done.minute = new Date(slice.fromMs).getUTCMinutes();
    if (isOver()) return write('open');
    const exported = await written(slice);
    if (!exported) return { ...done, end: 'overtaken' };
    for await (const row of ledger.between(slice.from, slice.before)) {
      const now = exportRowOf(row, number);
      const before = exported.get(row.rowKey);
      if (before && isSameRow(before, now)) continue;
      if (before) file.add(takenBack(before, number));
      file.add(now);
      if (file.rows() < PART_ROWS) continue;
      const end = await write('open');
      if (end.end === 'overtaken' || isOver()) return end;
    }
  }
  return write('done');
}

/**
 * The row that the files have last of each event of a slice; undefined when a file was replaced since it was listed. Files without an
 * event of the slice are read no second time.
 */
function writtenParts(
  { store, rowsOfParquet }: Pick<HourDeps, 'store' | 'rowsOfParquet'>,
  parts: readonly ExportPart[],
) {
  const times = new Map<string, Times>();
  return async (slice: Slice): Promise<ReadonlyMap<string, ExportRow> | undefined> => {
    const exported = new Map<string, ExportRow>();
    for (const { name } of parts) {
      const known = times.get(name);
      if (known && (known.beforeMs <= slice.fromMs || known.fromMs >= slice.beforeMs)) continue;
      const bytes = await store.read(name);
      if (!bytes) return undefined;
      for await (const row of rowsOfParquet(bytes, slice, (found) => times.set(name, found))) {
        const startMs = startOfRow(row);
        if (startMs >= slice.fromMs && startMs < slice.beforeMs && !isTakenBack(row)) exported.set(eventIdOf(row), row);
      }
    }
    return exported;
  };
}
