import type { Ledger } from '../../ledger/ledger.ts';
import type { Clock } from '../../util/clock.ts';
import { hoursBetween, nextHour } from '../spans.ts';
import { closedBefore, type LateMark, type LateMarks } from './late-marks.ts';

/** What one run of a fold has to do. */
export interface FoldPlan {
  /** Hours to be folded: those that have ended since the last run, and those with a mark under which nothing more comes. */
  hours: string[];
  /** Up to where everything is folded after it; `isNew` when it was not before. */
  before: string;
  isNew: boolean;
  /** Marks to be removed last. */
  quiet: LateMark[];
}

export interface FoldPlanDeps {
  ledger: Pick<Ledger, 'earliestHour'>;
  marks: Pick<LateMarks, 'list'>;
  clock: Clock;
  /** Until when this process knows the ledger to be folded: what is asked of the table otherwise, at each run. */
  memory: { foldedBefore?: string };
  store: { foldedBefore(): Promise<string | undefined> };
}

/** @param most hours of one run, so that it ends before the timer's next one */
export async function planFold({ ledger, marks, clock, memory, store }: FoldPlanDeps, most: number): Promise<FoldPlan> {
  const marked = new Map((await marks.list()).map((mark) => [mark.hour, mark]));
  const closed = closedBefore(clock.now());
  const known = memory.foldedBefore === closed ? closed : await store.foldedBefore();
  const from = known ?? (await ledger.earliestHour()) ?? closed;
  const fresh = hoursBetween(from, closed).slice(0, most);
  const last = fresh.at(-1);
  const before = last === undefined ? from : nextHour(last);
  const quiet = [...marked.values()].filter((mark) => mark.quiet && mark.hour < before).slice(0, most);
  // A marked hour is answered from the ledger until its mark is quiet.
  const hours = new Set([...fresh.filter((hour) => !marked.has(hour)), ...quiet.map(({ hour }) => hour)]);
  return { hours: [...hours], before, isNew: before !== known, quiet };
}
