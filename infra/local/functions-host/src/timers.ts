import { type Clock, pause } from '../../../../shared/util/clock.ts';
import type { TimerFunction, TimerInfo } from './messages.ts';
import { nextOccurrence, parseSchedule } from './ncrontab.ts';

/** What the host remembers of a timer between runs, in ms since 1970. */
interface TimerStatus {
  last: number;
  next: number;
}

export interface TimerParts {
  timers: TimerFunction[];
  clock: Clock;
  /** Runs the function on one instance; false when none is up. */
  run: (name: string, info: TimerInfo) => Promise<boolean>;
}

/** setTimeout cannot wait longer. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;
/** How soon a run that found no instance is tried again. */
const RETRY_MS = 250;

/**
 * Runs timer functions by their schedules until the signal aborts: each on one instance of all, never twice at once. What
 * came due while the function ran is left out; what came due while no instance was up runs late, marked as past due.
 */
export async function runTimers({ timers, clock, run }: TimerParts, signal: AbortSignal): Promise<void> {
  await Promise.all(timers.map((timer) => keepSchedule(timer, clock, run, signal)));
}

async function keepSchedule(
  timer: TimerFunction,
  clock: Clock,
  run: TimerParts['run'],
  signal: AbortSignal,
): Promise<void> {
  const schedule = parseSchedule(timer.schedule);
  let status: TimerStatus | undefined;
  let due = timer.runOnStartup ? clock.now() : nextOccurrence(schedule, clock.now());
  while (due !== undefined && !signal.aborted) {
    const wait = due - clock.now();
    if (wait > 0) {
      await pause(clock, Math.min(wait, LONGEST_WAIT_MS), signal);
      continue;
    }
    const startedAt = clock.now();
    if (!(await run(timer.name, timerInfo(status, startedAt - due >= RETRY_MS)))) {
      await pause(clock, RETRY_MS, signal);
      continue;
    }
    due = nextOccurrence(schedule, clock.now());
    status = { last: startedAt, next: due ?? startedAt };
  }
}

function timerInfo(status: TimerStatus | undefined, isPastDue: boolean): TimerInfo {
  const text = (ms: number) => new Date(ms).toISOString().replace('Z', '+00:00');
  return {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: status
      ? { Last: text(status.last), LastUpdated: text(status.last), Next: text(status.next) }
      : null,
    IsPastDue: isPastDue,
  };
}
