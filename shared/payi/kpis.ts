import { z } from 'zod';
import { undefinedWhenMissing } from './transport/optional.ts';
import { allPages } from './transport/paging.ts';
import { path, type Transport } from './transport/transport.ts';

export type KpiType = 'boolean' | 'number' | 'percentage' | 'likert5' | 'likert7' | 'likert10';

export interface CreateKpi {
  name: string;
  description: string;
  kpi_type: KpiType;
  /** For a boolean KPI the wanted share of true, 0 to 1. */
  goal: number;
}

const kpiSchema = z.looseObject({
  name: z.string(),
  description: z.string().nullish(),
  kpi_type: z.string().nullish(),
  goal: z.number().nullish(),
});
export type Kpi = z.infer<typeof kpiSchema>;

const kpiScoreSchema = z.looseObject({
  kpi_name: z.string(),
  kpi_type: z.string().nullish(),
  /** Booleans come back as 0 and 1. */
  score: z.number().nullish(),
  create_timestamp: z.string().nullish(),
  update_timestamp: z.string().nullish(),
});
export type PayiKpiScore = z.infer<typeof kpiScoreSchema>;

/** All reject with PayiError. */
export interface Kpis {
  list(useCaseName: string): AsyncIterable<Kpi>;
  get(useCaseName: string, kpiName: string): Promise<Kpi | undefined>;
  create(useCaseName: string, kpi: CreateKpi): Promise<Kpi>;
  /** The type can't be changed. */
  update(useCaseName: string, kpiName: string, change: { description?: string; goal?: number }): Promise<Kpi>;
  /** False when there was none. */
  remove(useCaseName: string, kpiName: string): Promise<boolean>;
  /** Sets the score of an instance; the last one wins, null clears. `payiStatus` 404: the instance is not there yet. */
  score(useCaseName: string, useCaseId: string, kpiName: string, score: number | boolean | null): Promise<void>;
  scores(useCaseName: string, useCaseId: string): AsyncIterable<PayiKpiScore>;
}

export function createKpisClient(transport: Transport): Kpis {
  return {
    list: (useCase) =>
      allPages(transport, { method: 'GET', path: path`/use_cases/definitions/${useCase}/kpis` }, kpiSchema),

    get: (useCase, kpi) =>
      undefinedWhenMissing(
        transport.call({ method: 'GET', path: path`/use_cases/definitions/${useCase}/kpis/${kpi}` }, kpiSchema),
      ),

    create: (useCase, kpi) =>
      transport.call({ method: 'POST', path: path`/use_cases/definitions/${useCase}/kpis`, body: kpi }, kpiSchema),

    update: (useCase, kpi, change) =>
      transport.call(
        { method: 'PUT', path: path`/use_cases/definitions/${useCase}/kpis/${kpi}`, body: change },
        kpiSchema,
      ),

    async remove(useCase, kpi) {
      const answer = transport.send({ method: 'DELETE', path: path`/use_cases/definitions/${useCase}/kpis/${kpi}` });
      return (await undefinedWhenMissing(answer)) !== undefined;
    },

    async score(useCase, id, kpi, score) {
      await transport.send({
        method: 'PUT',
        path: path`/use_cases/instances/${useCase}/${id}/kpis/${kpi}`,
        body: { score },
      });
    },

    scores: (useCase, id) =>
      allPages(transport, { method: 'GET', path: path`/use_cases/instances/${useCase}/${id}/kpis` }, kpiScoreSchema),
  };
}
