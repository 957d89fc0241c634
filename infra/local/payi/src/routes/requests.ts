import { Refusal } from '../http/api-error.ts';
import { type Answer, ok } from '../http/http.ts';
import type { Routes } from '../http/router.ts';
import { resultOf } from '../ingest/result.ts';
import { propertiesBody, read } from '../ingest/shapes.ts';
import type { PayiState } from '../state.ts';
import { requestId, rowOf } from '../stores/ids.ts';

/** What is known of one request, by Pay-i's id or the provider's. */
export function requestRoutes(state: PayiState): Routes {
  const byId = (params: Record<string, string>): number => {
    const row = rowOf(params['request_id'] ?? '');
    return row !== undefined && row < state.events.size ? row : missing();
  };
  const byProvider = ({ category = '', provider_response_id: id = '' }: Record<string, string>): number =>
    state.events.find(category, id) ?? missing();

  const result = (row: number): Answer => ok({ xproxy_result: resultOf(state, row) });
  const setProperties = (row: number, body: unknown): Answer => {
    read(propertiesBody, body);
    return ok({ request_id: requestId(row) });
  };

  return {
    'GET /requests/{request_id}/result': ({ params }) => result(byId(params)),
    'PUT /requests/{request_id}/properties': ({ params, body }) => setProperties(byId(params), body),
    'GET /requests/provider/{category}/{provider_response_id}/result': ({ params }) => result(byProvider(params)),
    'PUT /requests/provider/{category}/{provider_response_id}/properties': ({ params, body }) =>
      setProperties(byProvider(params), body),
  };
}

function missing(): never {
  throw new Refusal(404, 'request_not_found', 'There is no such request.');
}
