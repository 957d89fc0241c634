import type { Clock } from '../../util/clock.ts';
import type { Sweep, Swept } from '../../util/sweep.ts';
import type { UserRename } from '../../util/user-rename.ts';
import type { InstancePart } from '../instance-part.ts';
import { mergeByUser } from '../merge-by-user.ts';
import { startOfSpan } from '../spans.ts';
import { GroupSums, type UsageGroup } from '../usage-group.ts';
import { pagesOfView } from './pages-of-view.ts';
import type { RollupHead, RollupStore } from './rollup-store.ts';
import { UsageChangedError } from './usage-changed-error.ts';

const ATTEMPTS = 5;
const HOURS = 'hours ';
const DAYS = 'days ';

/**
 * Gives the groups of a user another user's name, in the rollups of spans that began before; figures are added up, so that every sum
 * over users stays as it was. Hours come before days: a fold of a day that read an hour as it was has read the day's head before,
 * and loses.
 * @returns how many hours and days were changed @throws UsageChangedError, TableError
 */
export async function renameUserInRollups(
  { store, clock }: { store: RollupStore; clock: Clock },
  rename: UserRename,
  { from, isOver }: Sweep,
): Promise<Swept> {
  let changed = 0;
  for (const part of [HOURS, DAYS] as const) {
    if (from.startsWith(DAYS) && part === HOURS) continue;
    const first = from.startsWith(part) ? from.slice(part.length) : '0';
    for (const [span, head] of await store.heads(first, '9999')) {
      if ((span.length === 10) !== (part === DAYS) || startOfSpan(span) >= rename.beforeMs) continue;
      if (isOver()) return { next: `${part}${span}`, changed };
      if (await renameInSpan(store, head, rename, clock)) changed += 1;
    }
  }
  return { next: undefined, changed };
}

async function renameInSpan(
  store: RollupStore,
  listed: RollupHead,
  rename: UserRename,
  clock: Clock,
): Promise<boolean> {
  let head: RollupHead | undefined = listed;
  for (let attempt = 1; head; attempt++) {
    try {
      const own = await groupsOf(store, head, rename.userId);
      if (own.length === 0) return false;
      const users = renamed(store, head, own, rename);
      const all = pagesOfView(store, head, 'all');
      // Whoever made the first call of an instance made a call of the hour.
      const instances = await instancesOf(store, head, rename);
      if (await store.replace(head.span, head, { users, all, instances }, clock.now())) return true;
    } catch (error) {
      if (!(error instanceof UsageChangedError) || attempt === ATTEMPTS) throw error;
    }
    // It was folded again meanwhile.
    if (attempt === ATTEMPTS) throw new UsageChangedError(head.span);
    head = await store.head(head.span);
  }
  return false;
}

async function groupsOf(store: RollupStore, head: RollupHead, userId: string): Promise<UsageGroup[]> {
  const found: UsageGroup[] = [];
  for await (const groups of pagesOfView(store, head, 'users', { only: userId }))
    found.push(...groups.filter(({ values }) => values[0] === userId));
  return found;
}

async function* renamed(
  store: RollupStore,
  head: RollupHead,
  own: UsageGroup[],
  { userId, name }: UserRename,
): AsyncIterable<UsageGroup[]> {
  const under = own.map(({ values, figures }) => ({ values: [name, ...values.slice(1)], figures }));
  const sources = [
    { of: head.span, runs: others(pagesOfView(store, head, 'users'), userId) },
    { of: head.span, runs: once(under) },
  ];
  for await (const { groups } of mergeByUser(sources)) {
    const sums = new GroupSums();
    for (const { group } of groups) sums.add(group.values, group.figures);
    yield sums.sorted();
  }
}

async function instancesOf(
  store: RollupStore,
  head: RollupHead,
  { userId, name }: UserRename,
): Promise<InstancePart[]> {
  const found: InstancePart[] = [];
  for (const page of head.instancePages.keys()) {
    const parts = await store.instances(head, page);
    if (!parts) throw new UsageChangedError(head.span);
    found.push(...parts.map((part) => (part.user === userId ? { ...part, user: name } : part)));
  }
  return found;
}

async function* others(runs: AsyncIterable<UsageGroup[]>, userId: string): AsyncIterable<UsageGroup[]> {
  for await (const groups of runs) yield groups.filter(({ values }) => values[0] !== userId);
}

async function* once(groups: UsageGroup[]): AsyncIterable<UsageGroup[]> {
  yield groups;
}
