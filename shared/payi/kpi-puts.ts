import type { TrackedEvent } from '../events/usage-event.ts';

/** One score to be set by `PayiClient.kpis.score`. */
export interface KpiPut {
  useCaseName: string;
  useCaseId: string;
  kpiName: string;
  score: number | boolean;
}

/** The scores of an event, one for each KPI: a later score of the same KPI replaces an earlier one. */
export function kpiPuts(event: Pick<TrackedEvent, 'useCase' | 'kpis'>): KpiPut[] {
  const { name: useCaseName, id: useCaseId } = event.useCase;
  const scores = new Map(event.kpis.map(({ name, score }) => [name, score]));
  return [...scores].map(([kpiName, score]) => ({ useCaseName, useCaseId, kpiName, score }));
}
