import { request } from '../../data/client.ts';
import type { AnswerOf } from '../../data/routes.ts';
import { type FullLimit, isFull, type Limit, withFigures } from './limit-figures.ts';

type Listed = AnswerOf<'GET /api/limits'>['limits'][number];
/** A limit of which a user sees only whether it has room. */
export type SharedLimit = Exclude<Listed, FullLimit>;
export type Policy = AnswerOf<'GET /api/limit-policies'>['policies'][number];
export type PolicyChange = AnswerOf<'GET /api/limit-policies'>['changes'][number];
export type Refused = AnswerOf<'GET /api/usage'>['rows'][number];

/** Everything that the limits view shows. */
export interface LimitsData {
  limits: Limit[];
  shared: SharedLimit[];
  /** For admins. */
  policies: Policy[];
  changes: PolicyChange[];
  /** Calls that were refused since `since`, by user and use case. */
  refused: Refused[];
}

const DAY_MS = 86_400_000;
const MAX_ROWS = 1_000;

/** Three requests for an admin, two for a user. */
export async function loadLimits(isAdmin: boolean, now: number, signal: AbortSignal): Promise<LimitsData> {
  const [listed, book, usage] = await Promise.all([
    request('GET /api/limits', { signal }),
    isAdmin ? request('GET /api/limit-policies', { signal }) : { policies: [], changes: [] },
    request('GET /api/usage', {
      query: { from: new Date(now - DAY_MS).toISOString(), groupBy: 'user,useCase', limit: MAX_ROWS },
      signal,
    }),
  ]);
  return {
    limits: listed.limits.filter(isFull).map(withFigures),
    shared: listed.limits.filter((limit): limit is SharedLimit => !isFull(limit)),
    policies: book.policies,
    changes: book.changes,
    refused: usage.rows.filter((row) => row.refused > 0),
  };
}
