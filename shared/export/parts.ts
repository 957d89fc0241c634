import { dayOfSpan } from '../usage/spans.ts';

/** One file of an hour. A file is never changed. */
export interface ExportPart {
  /** `day=2026-11-23/hour=10/part-0000.parquet`; with `.1` and so on behind the number where a deletion of a user's data replaced it. */
  name: string;
  number: number;
  /** How often the file of this number was replaced. */
  revision: number;
  bytes: number;
}

/** The folder of an hour (`2026-11-23T10`, UTC), as Hive names partitions. */
export const folderOf = (hour: string): string => `day=${dayOfSpan(hour)}/hour=${hour.slice(11)}/`;

export const partName = (hour: string, number: number, revision = 0): string =>
  `${folderOf(hour)}part-${String(number).padStart(4, '0')}${revision === 0 ? '' : `.${revision}`}.parquet`;

/** Undefined for what is not a file of the export. */
export function partOf(name: string, bytes: number): (ExportPart & { hour: string }) | undefined {
  const [, day, hour, number, revision = '0'] =
    /^day=(\d{4}-\d\d-\d\d)\/hour=(\d\d)\/part-(\d+)(?:\.(\d+))?\.parquet$/.exec(name) ?? [];
  if (day === undefined || hour === undefined) return undefined;
  return { name, hour: `${day}T${hour}`, number: Number(number), revision: Number(revision), bytes };
}

/** Those that count, in order: the last revision of each number. */
export function currentParts<P extends ExportPart>(parts: Iterable<P>): P[] {
  const current = new Map<number, P>();
  for (const part of parts) {
    const known = current.get(part.number);
    if (!known || known.revision < part.revision) current.set(part.number, part);
  }
  return [...current.values()].sort((a, b) => a.number - b.number);
}

/** How much of the files of an hour is compared with the ledger at once: some 30,000 rows. */
const SLICE_BYTES = 2_000_000;
const MINUTES = 60;

/**
 * An hour in slices of minutes (`from` on and `before` the other, as the ledger takes them), so that what its files hold of one fits
 * in memory.
 */
export function slicesOf(hour: string, nextHour: string, bytes: number): { from: string; before: string }[] {
  const minutes = Math.max(1, Math.floor(MINUTES / Math.ceil(Math.max(1, bytes) / SLICE_BYTES)));
  const starts = Array.from({ length: Math.ceil(MINUTES / minutes) }, (_, n) => minuteOf(hour, n * minutes));
  return starts.map((from, n) => ({ from, before: starts[n + 1] ?? nextHour }));
}

const minuteOf = (hour: string, minute: number): string => `${hour}:${String(minute).padStart(2, '0')}`;
