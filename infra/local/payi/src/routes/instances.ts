import { randomUUID } from 'node:crypto';
import { type Answer, ok, type Request } from '../http/http.ts';
import { pageOf } from '../http/page.ts';
import type { Routes } from '../http/router.ts';
import { guideScore } from '../ingest/guide.ts';
import { propertiesBody, read, readScore } from '../ingest/shapes.ts';
import type { PayiState } from '../state.ts';
import type { Instance, Score } from '../stores/use-case-store.ts';

/** Use-case instances and their KPI scores. */
export function instanceRoutes(state: PayiState): Routes {
  const now = () => state.options.clock.now();
  const isGuide = state.options.dialect === 'guide';
  const find = (params: Record<string, string>) =>
    state.useCases.find(params['name'] ?? '', params['use_case_id'] ?? '');

  const putScore = ({ params, body }: Request): Answer => {
    const score = readScore(isGuide ? guideScore(body) : body);
    const { name = '', use_case_id: id = '', kpi_name: kpi = '' } = params;
    state.useCases.putScore(name, id, kpi, score, now());
    return isGuide ? ok({ request_id: randomUUID() }) : { status: 200 };
  };

  return {
    'POST /use_cases/instances/{name}': ({ params, body }) => {
      const useCase = state.useCases.get(params['name'] ?? '');
      const id = isGuide ? (body as { use_case_id?: unknown } | undefined)?.use_case_id : undefined;
      const number = state.useCases.touch(useCase, typeof id === 'string' && id ? id : undefined, undefined, now());
      return ok(instanceJson(state.useCases.instance(number)));
    },
    'GET /use_cases/instances/{name}/{use_case_id}': ({ params }) => ok(instanceJson(find(params))),
    'DELETE /use_cases/instances/{name}/{use_case_id}': ({ params }) => {
      const instance = find(params);
      instance.useCase.instances.delete(instance.id);
      return ok(instanceJson(instance));
    },
    'PUT /use_cases/instances/{name}/{use_case_id}/properties': ({ params, body }) => {
      const instance = find(params);
      read(propertiesBody, body);
      return ok(instanceJson(instance));
    },
    'GET /use_cases/instances/{name}/{use_case_id}/kpis': (request) => {
      const name = request.query.get('kpi_name');
      const all = state.useCases.scoresOf(find(request.params));
      return pageOf(request, name === null ? all : all.filter((one) => one.kpi.name === name), scoreJson);
    },
    'PUT /use_cases/instances/{name}/{use_case_id}/kpis/{kpi_name}': putScore,
    ...(isGuide && { 'POST /use_cases/instances/{name}/{use_case_id}/kpis/{kpi_name}': putScore }),
    'GET /use_cases/instances/{name}/{use_case_id}/value': ({ params }) => {
      find(params);
      return ok({ money: null, time: null });
    },
  };
}

const instanceJson = (instance: Instance | undefined) => ({
  use_case_id: instance?.id,
  use_case_name: instance?.useCase.name,
  type_version: instance?.version,
  ...(instance?.limit && { limit_id: instance.limit.id }),
});

const scoreJson = (score: Score) => ({
  kpi_name: score.kpi.name,
  kpi_type: score.kpi.type,
  ...(score.score !== undefined && { score: score.score }),
  create_timestamp: new Date(score.created).toISOString(),
  update_timestamp: new Date(score.updated).toISOString(),
});
