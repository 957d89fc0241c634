import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { uuidV7 } from '../../util/ids.ts';
import type { LateMarks } from '../rollups/late-marks.ts';
import { hourOf } from '../spans.ts';
import type { GroupValues } from '../usage-group.ts';
import type { RefusalRows } from './refusal-rows.ts';

/**
 * Counts refused calls in memory and writes them within seconds, so that callers who go on after a refusal cost no request each.
 * A crash loses the counts of these seconds; refused calls cost nothing.
 */
export interface RefusalTally {
  /** @param atMs when the call was refused, UTC */
  add(values: GroupValues, atMs: number): void;
  /** Writes what was counted. Never rejects; what could not be written is tried again with the next. */
  flush(): Promise<void>;
}

export interface RefusalTallyOptions {
  rows: Pick<RefusalRows, 'save'>;
  marks: Pick<LateMarks, 'mark'>;
  clock: Clock;
  telemetry: Telemetry;
}

interface HourTally {
  id: string;
  hour: string;
  groups: Map<string, { values: GroupValues; calls: number }>;
}

/** Refusals are written so long after the first of them, */
const SOON_MS = 1_000;
/** and so far apart while more come. */
const APART_MS = 10_000;
/** Most groups that wait; calls of more are counted as a metric. A row takes 1 MiB, and a group a few hundred bytes. */
const MAX_GROUPS = 500;
const MAX_WAITING = 20;

export function createRefusalTally({ rows, marks, clock, telemetry }: RefusalTallyOptions): RefusalTally {
  let counted = new Map<string, HourTally>();
  const waiting: HourTally[] = [];
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writtenMs = Number.NEGATIVE_INFINITY;

  async function write(): Promise<void> {
    writtenMs = clock.now();
    waiting.push(...counted.values());
    counted = new Map();
    for (const lost of waiting.splice(0, waiting.length - MAX_WAITING))
      telemetry.count(
        'refusals-not-counted',
        [...lost.groups.values()].reduce((sum, { calls }) => sum + calls, 0),
      );
    try {
      for (let first = waiting[0]; first; first = waiting[0]) {
        await marks.mark([first.hour]);
        await rows.save(first.hour, first.id, [...first.groups.values()]);
        waiting.shift();
      }
    } catch (error) {
      telemetry.warn('refusals-not-written', describeError(error));
      schedule();
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = (writing ?? Promise.resolve()).then(write);
    return writing;
  }

  function schedule(): void {
    if (timer) return;
    const leftMs = writtenMs + APART_MS - clock.now();
    timer = setTimeout(() => void flush(), Math.min(APART_MS, Math.max(SOON_MS, leftMs)));
    // It keeps no process alive: the app flushes when it ends.
    timer.unref();
  }

  return {
    flush,
    add(values, atMs) {
      const hour = hourOf(atMs);
      let tally = counted.get(hour);
      if (!tally) {
        tally = { id: uuidV7(clock.now()), hour, groups: new Map() };
        counted.set(hour, tally);
      }
      const key = JSON.stringify(values);
      const group = tally.groups.get(key);
      if (group) group.calls += 1;
      else if (tally.groups.size < MAX_GROUPS) tally.groups.set(key, { values, calls: 1 });
      else telemetry.count('refusals-not-counted', 1);
      schedule();
    },
  };
}
