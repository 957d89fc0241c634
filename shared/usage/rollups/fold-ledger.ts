import type { Ledger } from '../../ledger/ledger.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { foldHours } from '../fold.ts';
import { mergeByUser } from '../merge-by-user.ts';
import type { RefusalRows } from '../refusals/refusal-rows.ts';
import { dayOfSpan, hoursBetween, nextHour } from '../spans.ts';
import { GroupSums, type UsageGroup, type View } from '../usage-group.ts';
import { planFold } from './fold-plan.ts';
import { closedBefore, type LateMarks } from './late-marks.ts';
import { pagesOfView } from './pages-of-view.ts';
import type { RollupHead, RollupStore } from './rollup-store.ts';

export interface FoldDeps {
  ledger: Pick<Ledger, 'between' | 'earliestHour'>;
  refusals: Pick<RefusalRows, 'between'>;
  store: RollupStore;
  marks: LateMarks;
  clock: Clock;
  telemetry: Telemetry;
  /** Until when this process knows the ledger to be folded: what is asked of the table otherwise, at each run. */
  memory: { foldedBefore?: string };
}

/** Hours that one run folds at most. */
const MAX_HOURS = 200;

/**
 * Folds the hours that have ended into rollups, and those that got late events once more; then their days. It may end at any step:
 * the next run does again what was not finished, to the same result.
 * @returns how many hours and days were folded
 */
export async function foldLedger(deps: FoldDeps): Promise<number> {
  const { store, marks, telemetry, memory } = deps;
  const { hours, before, isNew, quiet } = await planFold(deps, MAX_HOURS);
  const days = new Set(hours.map(dayOfSpan).filter((day) => nextHour(`${day}T23`) <= before));

  for (const hour of hours) if (!(await foldHour(deps, hour))) return overtaken(telemetry, hour);
  for (const day of days) if (!(await foldDay(deps, day))) return overtaken(telemetry, day);
  // Last, so that a run that was ended is repeated.
  if (isNew) await store.setFoldedBefore(before);
  memory.foldedBefore = before;
  for (const mark of quiet) await marks.remove(mark);
  if (hours.length > 0) telemetry.info('usage-folded', { hours: hours.length, days: days.size, before });
  return hours.length + days.size;
}

/**
 * Folds every hour that the ledger has once more, whatever is there: for rollups that got lost. Answers are right meanwhile. Hours that
 * another run folds at the same time are left to it.
 * @returns how many hours and days
 */
export async function foldAgain(deps: FoldDeps): Promise<number> {
  const { ledger, store, clock } = deps;
  const known = await store.foldedBefore();
  const before = known ?? closedBefore(clock.now());
  const hours = hoursBetween((await ledger.earliestHour()) ?? before, before);
  const days = new Set(hours.map(dayOfSpan).filter((day) => nextHour(`${day}T23`) <= before));
  for (const hour of hours) await foldHour(deps, hour);
  for (const day of days) await foldDay(deps, day);
  if (known === undefined) await store.setFoldedBefore(before);
  return hours.length + days.size;
}

function overtaken(telemetry: Telemetry, span: string): number {
  telemetry.info('usage-fold-overtaken', { span });
  return 0;
}

/** @returns false when another run folded it meanwhile */
async function foldHour({ ledger, refusals, store, clock }: FoldDeps, hour: string): Promise<boolean> {
  // Read before the ledger: whoever read the ledger first must not win.
  const head = await store.head(hour);
  const before = nextHour(hour);
  const folded = (await foldHours(ledger.between(hour, before), refusals.between(hour, before))).get(hour);
  if (!folded && !head) return true;
  const content = {
    users: once(folded?.users ?? []),
    all: once(folded?.all ?? []),
    instances: folded?.instances ?? [],
  };
  return store.replace(hour, head, content, clock.now());
}

async function foldDay({ store, clock }: FoldDeps, day: string): Promise<boolean> {
  // To the last hour: after it comes the day that follows.
  const heads = await store.heads(day, `${day}T24`);
  const head = heads.get(day);
  const hours = [...heads.values()].filter(({ span }) => span !== day);
  if (hours.length === 0 && !head) return true;
  // Instances are read by the hour.
  const content = { users: merged(store, hours, 'users'), all: merged(store, hours, 'all'), instances: [] };
  return store.replace(day, head, content, clock.now());
}

async function* merged(store: RollupStore, heads: RollupHead[], view: View): AsyncIterable<UsageGroup[]> {
  const sources = heads.map((head) => ({ of: head.span, runs: pagesOfView(store, head, view) }));
  for await (const { groups } of mergeByUser(sources)) {
    const sums = new GroupSums();
    for (const { group } of groups) sums.add(group.values, group.figures);
    yield sums.sorted();
  }
}

async function* once(groups: UsageGroup[]): AsyncIterable<UsageGroup[]> {
  yield groups;
}
