import { request } from '../../data/client.ts';
import type { AnswerOf } from '../../data/routes.ts';

export type InstanceList = AnswerOf<'GET /api/use-cases/{name}/instances'>;
export type InstanceSummary = InstanceList['instances'][number];
export type Instance = AnswerOf<'GET /api/use-cases/{name}/instances/{id}'>;
export type Call = Instance['calls'][number];

/** Filters of the list, as the address has them. */
export const filterNames = ['user', 'account', 'model', 'outcome', 'state', 'minUsd', 'from', 'to'] as const;
export type FilterName = (typeof filterNames)[number];

/** What the list shows: the use cases that can be chosen, and a page of the instances of one. */
export interface Found {
  useCases: string[];
  useCase: string | undefined;
  list: InstanceList | undefined;
}

/** Two requests. Without a use case in the address it is the first one that has calls. */
export async function findInstances(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Found> {
  const { rows } = await request('GET /api/usage', { query: { groupBy: 'useCase', limit: 1_000 }, signal });
  const useCases = rows.flatMap(({ useCase }) => (useCase ? [useCase] : []));
  const useCase = query['useCase'] ?? useCases[0];
  if (useCase === undefined) return { useCases, useCase, list: undefined };
  const filters = Object.fromEntries([...filterNames, 'cursor'].map((name) => [name, query[name]]));
  const list = await request('GET /api/use-cases/{name}/instances', {
    params: { name: useCase },
    query: filters,
    signal,
  });
  return { useCases: [...new Set([useCase, ...useCases])].sort(), useCase, list };
}
