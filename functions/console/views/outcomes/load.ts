import { request } from '../../data/client.ts';
import type { AnswerOf } from '../../data/routes.ts';

export type Outcomes = AnswerOf<'GET /api/usage/outcomes'>;
export type Outcome = Outcomes['rows'][number];
export type Kpi = Outcome['kpis'][number];
export type Estimate = Kpi['average'];

export const loadOutcomes = (days: number, now: number, signal: AbortSignal): Promise<Outcomes> =>
  request('GET /api/usage/outcomes', { query: { from: new Date(now - days * DAY_MS).toISOString() }, signal });

const DAY_MS = 86_400_000;
