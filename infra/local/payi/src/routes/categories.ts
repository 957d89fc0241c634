import { Refusal } from '../http/api-error.ts';
import { ok } from '../http/http.ts';
import { pageOf } from '../http/page.ts';
import type { Routes } from '../http/router.ts';
import { type PriceVersion, toPico, toUsd } from '../ingest/prices.ts';
import { createResource, read } from '../ingest/shapes.ts';
import type { PayiState } from '../state.ts';

/** Categories, models and their dated prices. */
export function categoryRoutes(state: PayiState): Routes {
  const one = (params: Record<string, string>): PriceVersion => {
    const versions = state.prices.versions(params['category'] ?? '', params['resource'] ?? '');
    return versions.find((version) => version.id === params['resource_id']) ?? missing();
  };
  const own = (category = ''): string =>
    category.startsWith('system.') ? forbidden() : state.prices.categories().includes(category) ? category : missing();

  return {
    'GET /categories': (request) => pageOf(request, state.prices.categories(), (category) => ({ category })),
    'GET /categories/{category}/resources': (request) => {
      const resources = state.prices.resources(request.params['category'] ?? '');
      return pageOf(request, resources.length > 0 ? resources : missing(), resourceJson);
    },
    'GET /categories/{category}/resources/{resource}': (request) => {
      const { category = '', resource = '' } = request.params;
      const versions = state.prices.versions(category, resource);
      return pageOf(request, versions.length > 0 ? versions : missing(), resourceJson);
    },
    'POST /categories/{category}/resources/{resource}': ({ params, body }) => {
      const { category = '', resource = '' } = params;
      if (category.startsWith('system.')) forbidden();
      const { units, start_timestamp: start } = read(createResource, body);
      const startMs = start ? Date.parse(start) : state.options.clock.now();
      if (Number.isNaN(startMs)) throw new Refusal(400, 'request_processing_error', 'start_timestamp is not a time.');
      const prices = Object.entries(units).map(
        ([unit, { input_price = 0, output_price = 0 }]) =>
          [unit, { input: toPico(input_price), output: toPico(output_price) }] as const,
      );
      const version = { category, resource, start: startMs, units: new Map(prices), largeContextThreshold: undefined };
      return { status: 201, body: resourceJson(state.prices.add(version)) };
    },
    'GET /categories/{category}/resources/{resource}/{resource_id}': ({ params }) => ok(resourceJson(one(params))),
    'DELETE /categories/{category}/resources/{resource}/{resource_id}': ({ params }) => {
      const version = one(params);
      state.prices.remove(own(version.category), version.resource, version.id);
      return ok(resourceJson(version));
    },
    'DELETE /categories/{category}': ({ params }) => ok(state.prices.remove(own(params['category'])).map(resourceJson)),
    'DELETE /categories/{category}/resources/{resource}': ({ params }) =>
      ok(state.prices.remove(own(params['category']), params['resource']).map(resourceJson)),
  };
}

function missing(): never {
  throw new Refusal(404, 'category_resource_not_found', 'There is no such category or resource.');
}

function forbidden(): never {
  throw new Refusal(403, 'request_processing_error', 'Categories that begin with "system." belong to Pay-i.');
}

const resourceJson = (version: PriceVersion) => ({
  category: version.category,
  resource: version.resource,
  resource_id: version.id,
  active: true,
  proxy_allowed: true,
  start_timestamp: new Date(version.start).toISOString(),
  ...(version.largeContextThreshold !== undefined && { large_context_threshold: version.largeContextThreshold }),
  units: Object.fromEntries(
    [...version.units].map(([unit, { input, output }]) => [
      unit,
      { ...(input > 0 && { input_price: toUsd(input) }), ...(output > 0 && { output_price: toUsd(output) }) },
    ]),
  ),
});
