import { randomUUID } from 'node:crypto';
import { Refusal } from '../http/api-error.ts';
import { ok } from '../http/http.ts';
import { pageOf } from '../http/page.ts';
import type { Routes } from '../http/router.ts';
import { guideKpi } from '../ingest/guide.ts';
import { createKpi, read, updateKpi } from '../ingest/shapes.ts';
import type { PayiState } from '../state.ts';
import type { Kpi } from '../stores/use-case-store.ts';

/** The definitions of a use case's KPIs. */
export function kpiRoutes(state: PayiState): Routes {
  const now = () => state.options.clock.now();
  const isGuide = state.options.dialect === 'guide';
  const shown = (kpi: Kpi) => kpiJson(kpi, isGuide);
  const useCaseOf = (params: Record<string, string>) => state.useCases.get(params['name'] ?? '');
  const kpiOf = (params: Record<string, string>) => state.useCases.kpi(useCaseOf(params), params['kpi_name'] ?? '');
  return {
    'GET /use_cases/definitions/{name}/kpis': (request) => {
      const name = request.query.get('kpi_name');
      const all = [...useCaseOf(request.params).kpis.values()];
      return pageOf(request, name === null ? all : all.filter((one) => one.name === name), shown);
    },
    'POST /use_cases/definitions/{name}/kpis': ({ params, body }) => {
      const useCase = useCaseOf(params);
      const { name, description, kpi_type: type, goal } = read(createKpi, isGuide ? guideKpi(body) : body);
      const known = useCase.kpis.get(name);
      if (!known) return ok(shown(state.useCases.addKpi(useCase, { name, description, type, goal }, now())));
      const same = known.description === description && known.type === type && known.goal === goal;
      if (!same) throw new Refusal(400, 'request_processing_error', 'The KPI exists with other content.');
      return ok(shown(known));
    },
    'GET /use_cases/definitions/{name}/kpis/{kpi_name}': ({ params }) => ok(shown(kpiOf(params))),
    'PUT /use_cases/definitions/{name}/kpis/{kpi_name}': ({ params, body }) => {
      const kpi = kpiOf(params);
      const change = read(updateKpi, body);
      kpi.description = change.description ?? kpi.description;
      kpi.goal = change.goal ?? kpi.goal;
      kpi.updated = now();
      return ok(shown(kpi));
    },
    'DELETE /use_cases/definitions/{name}/kpis/{kpi_name}': ({ params }) => {
      const kpi = kpiOf(params);
      useCaseOf(params).kpis.delete(kpi.name);
      return ok(shown(kpi));
    },
  };
}

const kpiJson = (kpi: Kpi, isGuide: boolean) => ({
  request_id: randomUUID(),
  ...(isGuide
    ? { kpi_name: kpi.name, value_type: kpi.type === 'boolean' ? 'boolean' : 'numeric' }
    : { name: kpi.name, kpi_type: kpi.type }),
  description: kpi.description,
  goal: kpi.goal,
  created_timestamp: new Date(kpi.created).toISOString(),
  updated_timestamp: new Date(kpi.updated).toISOString(),
});
