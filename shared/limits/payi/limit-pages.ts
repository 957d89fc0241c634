import type { Limits, PayiLimit } from '../../payi/limits.ts';
import { inParallel } from '../../util/in-parallel.ts';

export interface LimitsRead {
  limits: PayiLimit[];
  /** Where to go on; undefined when nothing is left to read. */
  cursor: string | undefined;
}

/** So few are asked for one by one rather than looked for in the list. */
const FEW = 4;
const AT_ONCE = 4;
const LEAST_SIZE = 100;
const MOST_SIZE = 1_000;

/**
 * The wanted limits as Pay-i has them, page by page from the latest created on, beginning at `cursor`. The last few that
 * the pages did not hold are asked for one by one. Limits that Pay-i does not know are left out.
 * @throws PayiError
 */
export async function* limitPages(
  payi: Pick<Limits, 'get' | 'page'>,
  limitIds: Iterable<string>,
  cursor?: string,
): AsyncIterable<LimitsRead> {
  const wanted = new Set(limitIds);
  const size = Math.min(MOST_SIZE, Math.max(LEAST_SIZE, 2 * wanted.size));
  const seen = new Set<string>();
  let next = cursor;
  while (wanted.size > (seen.size === 0 && next === undefined ? 1 : FEW)) {
    const page = await payi.page({ cursor: next, size });
    const limits = page.limits.filter(({ limit_id: limitId }) => wanted.delete(limitId));
    yield { limits, cursor: page.cursor };
    // A cursor that came before would go on for ever.
    if (page.cursor === undefined || seen.has(page.cursor)) return;
    seen.add(page.cursor);
    next = page.cursor;
  }
  const limits = await inParallel([...wanted], AT_ONCE, (limitId) => payi.get(limitId));
  yield { limits: limits.filter((limit) => limit !== undefined), cursor: undefined };
}
