import { dayOfSpan, nextHour, startOfSpan } from '../usage/spans.ts';

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

/** Some minutes of an hour. */
export interface Slice {
  /** As the ledger takes them: from one minute on and before another, or the next hour. */
  from: string;
  before: string;
  fromMs: number;
  beforeMs: number;
}

/** How much of the files of an hour is compared with the ledger at once: some 30,000 rows. */
const SLICE_BYTES = 2_000_000;
const MINUTES = 60;
const MOST_MINUTES = 15;
const MINUTE_MS = 60_000;

/**
 * An hour, from a minute on, in slices: what its files hold of one fits in memory, and rows are written roughly in the order of time.
 * @param bytes of its files
 */
export function slicesOf(hour: string, bytes: number, firstMinute = 0): Slice[] {
  const fitting = Math.floor(MINUTES / Math.ceil(Math.max(1, bytes) / SLICE_BYTES));
  const minutes = Math.min(MOST_MINUTES, Math.max(1, fitting));
  const slices: Slice[] = [];
  for (let minute = firstMinute; minute < MINUTES; minute += minutes) {
    const end = Math.min(MINUTES, minute + minutes);
    slices.push({
      from: minuteOf(hour, minute),
      before: end === MINUTES ? nextHour(hour) : minuteOf(hour, end),
      fromMs: startOfSpan(hour) + minute * MINUTE_MS,
      beforeMs: startOfSpan(hour) + end * MINUTE_MS,
    });
  }
  return slices;
}

const minuteOf = (hour: string, minute: number): string => `${hour}:${String(minute).padStart(2, '0')}`;
