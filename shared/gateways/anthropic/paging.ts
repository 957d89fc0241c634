import { invalidField } from '../../errors/request-errors.ts';

/** Which part of a list a caller of Anthropic's API asks for. */
export interface Paging {
  limit: number;
  afterId: string | null;
  beforeId: string | null;
}

const USUAL_LIMIT = 20;
const MOST = 1_000;

/** @throws RequestError 400 for a `limit` that is not from 1 to 1,000 */
export function readPaging(query: URLSearchParams): Paging {
  const limit = query.get('limit');
  if (limit !== null && !(/^\d{1,4}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= MOST))
    throw invalidField('limit', `must be a whole number from 1 to ${MOST}`);
  return {
    limit: limit === null ? USUAL_LIMIT : Number(limit),
    afterId: query.get('after_id'),
    beforeId: query.get('before_id'),
  };
}

/** A page of a list in Anthropic's form. */
export interface ListPage<T> {
  data: T[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** The page that was asked for. An id that is not in the list has nothing after it or before it. */
export function pageOf<T>(items: readonly T[], idOf: (item: T) => string, paging: Paging): ListPage<T> {
  const { limit, afterId, beforeId } = paging;
  const placeOf = (id: string) => items.findIndex((item) => idOf(item) === id);
  const afterPlace = afterId === null ? -1 : placeOf(afterId);
  const after = afterId !== null && afterPlace === -1 ? [] : items.slice(afterPlace + 1);
  const rest = beforeId === null ? after : items.slice(0, Math.max(0, placeOf(beforeId)));
  const data = beforeId === null ? rest.slice(0, limit) : rest.slice(-limit);
  const [first, last] = [data[0], data.at(-1)];
  return {
    data,
    has_more: data.length < rest.length,
    first_id: first === undefined ? null : idOf(first),
    last_id: last === undefined ? null : idOf(last),
  };
}
