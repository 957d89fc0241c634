import type { Random } from '../../infra/local/model/src/random.ts';
import { exampleOf } from '../../shared/api/openapi/examples.ts';
import { routes } from '../../shared/api/routes.ts';
import type { HttpTarget } from './http-requests.ts';
import type { TargetState } from './target-process.ts';

export const pickTarget = (random: Random, targets: readonly HttpTarget[]): HttpTarget =>
  targets[random.below(targets.length)] as HttpTarget;

/** The HTTP servers of the stack; the app's paths are those of the list of routes, so that a new route is attacked too. The routes by which a stand-in is made to misbehave are left out: that is their job. */
export function targetsOf({ app, payi, model, keys }: TargetState): HttpTarget[] {
  return [
    {
      name: 'app',
      url: app,
      headers: { 'x-functions-key': keys.admin },
      paths: [...new Set(routes.map(({ path }) => path)), '/admin/functions/{name}', '/admin/host/status'],
      bodies: routes.map(exampleOf).filter((example) => example !== undefined),
    },
    {
      name: 'payi',
      url: payi,
      headers: { 'xProxy-api-key': 'local-payi-key' },
      paths: [
        '/ingest',
        '/ingest/bulk',
        '/ingest/bulk-upsert',
        '/limits',
        '/limits/{id}',
        '/limits/{id}/reset',
        '/limits/{id}/properties',
        '/categories',
        '/categories/{category}/resources/{resource}',
        '/requests/{id}/result',
        '/requests/{id}/properties',
        '/requests/provider/{category}/{id}/result',
        '/use_cases/definitions',
        '/use_cases/definitions/{name}',
        '/use_cases/definitions/{name}/kpis',
        '/use_cases/definitions/{name}/kpis/{kpi}',
        '/use_cases/definitions/{name}/limit_config',
        '/use_cases/definitions/{name}/increment_version',
        '/use_cases/instances/{name}',
        '/use_cases/instances/{name}/{id}',
        '/use_cases/instances/{name}/{id}/value',
        '/use_cases/instances/{name}/{id}/kpis/{kpi}',
        '/use_cases/instances/{name}/{id}/properties',
      ].map((path) => `/api/v1${path}`),
    },
    {
      name: 'model',
      url: model,
      headers: { 'x-api-key': 'any', 'anthropic-version': '2023-06-01' },
      paths: ['/v1/messages', '/v1/messages/count_tokens', '/v1/chat/completions', '/v1/models', '/v1/models/{id}'],
    },
  ];
}
