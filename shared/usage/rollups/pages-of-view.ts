import type { UsageGroup, View } from '../usage-group.ts';
import type { RollupHead, RollupStore } from './rollup-store.ts';
import { UsageChangedError } from './usage-changed-error.ts';

/** Which users are asked for: from one on, or one alone. */
export interface UserRange {
  from?: string | undefined;
  only?: string | undefined;
}

/**
 * The groups of a span page by page, of the pages that may hold the users.
 * @throws UsageChangedError when the span was folded again meanwhile
 */
export async function* pagesOfView(
  store: Pick<RollupStore, 'page'>,
  head: RollupHead,
  view: View,
  users: UserRange = {},
): AsyncIterable<UsageGroup[]> {
  for (const page of pagesFor(head.pages[view], users)) {
    const groups = await store.page(head, view, page);
    if (!groups) throw new UsageChangedError(head.span);
    yield groups;
  }
}

/** Numbers of the pages that may hold the users; the groups of one user may begin on the page before that of its name. */
export function pagesFor(firstUsers: readonly string[], { from, only }: UserRange): number[] {
  const first = only ?? from ?? '';
  const numbers: number[] = [];
  for (const [page, firstUser] of firstUsers.entries()) {
    const next = firstUsers[page + 1];
    if (next !== undefined && next < first) continue;
    if (only !== undefined && firstUser > only) break;
    numbers.push(page);
  }
  return numbers;
}
