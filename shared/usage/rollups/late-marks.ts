import { RowChangedError } from '../../tables/errors.ts';
import type { RowKey, Tables } from '../../tables/table.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { DAY_MS, dayOf } from '../../util/days.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { HOUR_MS, hourOf, startOfSpan } from '../spans.ts';

/**
 * Which hours got events after they ended. The mark is written before the event, so that every hour whose rollup may lack one is
 * marked: it is answered from the ledger until it was folded again.
 */
export interface LateMarks {
  /** Before events of these hours are written. Costs a request for each hour that ended, at most one in two minutes. */
  mark(hours: Iterable<string>): Promise<void>;
  list(): Promise<LateMark[]>;
  /** Leaves a mark that was set again since it was listed. */
  remove(mark: LateMark): Promise<void>;
}

export interface LateMark {
  hour: string;
  /** Nothing more comes under this mark: what was to be written after it is written. */
  quiet: boolean;
  etag: string;
}

interface MarkRow extends RowKey {
  markedAtMs: number;
}

/** Whom the marks of a partition are for: each removes its own once it has dealt with an hour. */
export type MarksFor = 'late' | 'late-export' | 'late-index';

/** The clocks of two processes differ by less. */
export const SKEW_MS = 300_000;
const MARKED_MS = 120_000;
/** A mark is used for `MARKED_MS`, then a batch of the queue ends within its lock of five minutes. */
const QUIET_MS = MARKED_MS + 300_000 + SKEW_MS + 60_000;

export interface LateMarksOptions {
  tables: Tables;
  clock: Clock;
  telemetry: Pick<Telemetry, 'count'>;
  /** How many days the ledger keeps an event. Hours before that are counted and not marked: they can't be folded again. */
  keptDays: number;
  /** Default: those of the rollups. */
  marksFor?: MarksFor;
}

export function createLateMarks(options: LateMarksOptions): LateMarks {
  const { tables, clock, telemetry, keptDays, marksFor = 'late' } = options;
  const table = tables.open<MarkRow>('usage');
  const marked = new Map<string, number>();
  const canBeFolded = (hour: string, nowMs: number): boolean => hour > dayOf(nowMs - keptDays * DAY_MS);

  return {
    async mark(hours) {
      const nowMs = clock.now();
      for (const [hour, atMs] of marked) if (nowMs - atMs >= MARKED_MS) marked.delete(hour);
      const ended = [...new Set(hours)].filter((hour) => startOfSpan(hour) + HOUR_MS <= nowMs + SKEW_MS);
      const late = ended.filter((hour) => canBeFolded(hour, nowMs));
      if (late.length < ended.length) telemetry.count('usage-hours-too-late', ended.length - late.length);
      await inParallel(
        late.filter((hour) => !marked.has(hour)),
        4,
        async (hour) => {
          await table.upsert({ partitionKey: marksFor, rowKey: hour, markedAtMs: nowMs });
          marked.set(hour, nowMs);
        },
      );
    },

    async list() {
      const nowMs = clock.now();
      const marks: LateMark[] = [];
      for await (const { rowKey, markedAtMs, etag } of table.query({ partitionKey: marksFor })) {
        if (canBeFolded(rowKey, nowMs)) marks.push({ hour: rowKey, quiet: nowMs - markedAtMs >= QUIET_MS, etag });
      }
      return marks;
    },

    async remove({ hour, etag }) {
      await table.remove({ partitionKey: marksFor, rowKey: hour }, etag).catch((error: unknown) => {
        if (!(error instanceof RowChangedError)) throw error;
      });
    },
  };
}

/** The last hour that has ended for every process, with its events written. Later ones are answered from the ledger. */
export const closedBefore = (nowMs: number): string => hourOf(nowMs - QUIET_MS);
