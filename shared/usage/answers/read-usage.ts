import type { Ledger } from '../../ledger/ledger.ts';
import { foldHours } from '../fold.ts';
import { mergeByUser, type UsageSource } from '../merge-by-user.ts';
import type { RefusalRows } from '../refusals/refusal-rows.ts';
import type { LateMarks } from '../rollups/late-marks.ts';
import { pagesOfView, type UserRange } from '../rollups/pages-of-view.ts';
import type { RollupStore } from '../rollups/rollup-store.ts';
import { dayOfSpan } from '../spans.ts';
import type { UsageGroup } from '../usage-group.ts';
import { planUsage } from './usage-plan.ts';
import { type UsageQuery, viewFor } from './usage-query.ts';
import { UsageRows, type UsageSum } from './usage-rows.ts';
import { whileUnchanged } from './while-unchanged.ts';

export interface UsageDeps {
  ledger: Pick<Ledger, 'between'>;
  refusals: Pick<RefusalRows, 'between'>;
  store: Pick<RollupStore, 'foldedBefore' | 'heads' | 'page' | 'instances'>;
  marks: Pick<LateMarks, 'list'>;
}

export interface UsageRowsPage {
  rows: UsageSum[];
  /** More rows follow. */
  more: boolean;
}

/**
 * One page of the rows of a query, complete to the events that are in the ledger.
 * @throws UsageChangedError when rollups were replaced meanwhile several times
 */
export const readUsage = (deps: UsageDeps, query: UsageQuery): Promise<UsageRowsPage> =>
  whileUnchanged(() => readOnce(deps, query));

async function readOnce(deps: UsageDeps, query: UsageQuery): Promise<UsageRowsPage> {
  const { limit, groupBy, filters, after } = query;
  const byUser = groupBy.includes('user');
  const rows = new UsageRows(query);
  const users: UserRange = { only: filters.user, from: byUser ? after?.[0] : undefined };
  for await (const { user, groups } of mergeByUser(await sourcesOf(deps, query, users))) {
    // Users come in order, and all groups of one at once: what is there is final.
    if (byUser && rows.size > limit) break;
    if (filters.user !== undefined && user > filters.user) break;
    for (const { of: span, group } of groups) rows.add(span, group);
  }
  const sorted = rows.sorted();
  return { rows: sorted.slice(0, limit), more: sorted.length > limit };
}

async function sourcesOf(
  { ledger, refusals, store, marks }: UsageDeps,
  query: UsageQuery,
  users: UserRange,
): Promise<UsageSource<string>[]> {
  const { from, before, interval } = query;
  const view = viewFor(query);
  // In the opposite order to a fold, which removes a mark last: an hour that is not marked any more has a head that is new.
  const marked = new Set((await marks.list()).map(({ hour }) => hour));
  const foldedBefore = await store.foldedBefore();
  const heads = await store.heads(dayOfSpan(from), before);
  const plan = planUsage({ from, before, hourly: interval === 'hour', foldedBefore, heads, marked });
  const sources = plan.rollups.map((head) => ({ of: head.span, runs: pagesOfView(store, head, view, users) }));
  for (const { from: first, before: end } of plan.ledger)
    for (const [hour, groups] of await foldHours(ledger.between(first, end), refusals.between(first, end)))
      sources.push({ of: hour, runs: once(groups[view]) });
  return sources;
}

async function* once(groups: UsageGroup[]): AsyncIterable<UsageGroup[]> {
  yield groups;
}
