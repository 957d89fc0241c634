import type { LateMarks } from '../rollups/late-marks.ts';
import { pagesOfView } from '../rollups/pages-of-view.ts';
import type { RollupHead, RollupStore } from '../rollups/rollup-store.ts';
import { UsageChangedError } from '../rollups/usage-changed-error.ts';
import { dayOfSpan, hoursBetween } from '../spans.ts';
import { groupFilter, type UsageQuery, viewFor } from './usage-query.ts';

export interface HoursDeps {
  store: Pick<RollupStore, 'foldedBefore' | 'heads' | 'page'>;
  marks: Pick<LateMarks, 'list'>;
}

/**
 * The hours that may have such calls, the newest first: by the rollups of days and hours, so that the ledger is read only where they
 * are. Hours that are open or got late events are among them in any case.
 */
export async function* hoursWithCalls(
  { store, marks }: HoursDeps,
  { from, before, filters }: Pick<UsageQuery, 'from' | 'before' | 'filters'>,
): AsyncGenerator<string> {
  const marked = new Set((await marks.list()).map(({ hour }) => hour));
  const foldedBefore = (await store.foldedBefore()) ?? '';
  const heads = await store.heads(dayOfSpan(from), before);
  const isAsked = groupFilter(filters);
  const hasCalls = async (head: RollupHead | undefined): Promise<boolean> => {
    if (!head) return false;
    try {
      const view = viewFor({ groupBy: [], filters });
      for await (const groups of pagesOfView(store, head, view, { only: filters.user }))
        if (groups.some(({ values, figures }) => figures.requests > 0 && isAsked(values))) return true;
      return false;
    } catch (error) {
      // Folded again meanwhile: the ledger knows.
      if (error instanceof UsageChangedError) return true;
      throw error;
    }
  };
  let day = '';
  let dayHasCalls = false;
  for (const hour of hoursBetween(from, before).reverse()) {
    if (hour >= foldedBefore || marked.has(hour)) {
      yield hour;
      continue;
    }
    if (dayOfSpan(hour) !== day) {
      day = dayOfSpan(hour);
      dayHasCalls = !heads.has(day) || (await hasCalls(heads.get(day)));
    }
    if (dayHasCalls && (await hasCalls(heads.get(hour)))) yield hour;
  }
}
