import { randomUUID } from 'node:crypto';
import { Refusal } from '../http/api-error.ts';
import { ok } from '../http/http.ts';
import { isoTime } from '../http/iso-time.ts';
import { pageOf } from '../http/page.ts';
import type { Routes } from '../http/router.ts';
import { guideLimit, guideLimitAnswer, guideLimitUpdate } from '../ingest/guide.ts';
import { toUsd } from '../ingest/prices.ts';
import { createLimit, propertiesBody, read, updateLimit } from '../ingest/shapes.ts';
import type { PayiState } from '../state.ts';
import { type Limit, stateOf } from '../stores/limit-store.ts';

export function limitRoutes(state: PayiState): Routes {
  const now = () => state.options.clock.now();
  const isGuide = state.options.dialect === 'guide';
  const id = 'limit_id';
  const shown = (limit: Limit) => (isGuide ? guideLimitAnswer(limitJson(limit)) : limitJson(limit));
  const limitResponse = (limit: Limit) => ({ request_id: randomUUID(), limit: shown(limit) });
  return {
    'GET /limits': (request) => {
      const name = request.query.get('limit_name');
      return pageOf(request, name === null ? state.limits.all() : state.limits.named(name), shown);
    },
    'POST /limits': (request) => {
      const settings = read(createLimit, isGuide ? guideLimit(request.body) : request.body);
      const { limit, created } = state.limits.create(settings, now());
      return { status: created ? 201 : 200, body: limitResponse(limit) };
    },
    'GET /limits/{limit_id}': ({ params }) => ok(limitResponse(state.limits.get(params[id] ?? ''))),
    'PUT /limits/{limit_id}': ({ params, body }) => {
      const change = read(updateLimit, isGuide ? guideLimitUpdate(body) : body);
      return ok(limitResponse(state.limits.update(params[id] ?? '', change, now())));
    },
    'DELETE /limits/{limit_id}': ({ params }) => {
      state.limits.remove(params[id] ?? '');
      return ok({ request_id: randomUUID() });
    },
    'PUT /limits/{limit_id}/properties': ({ params, body }) => {
      const limit = state.limits.find(params[id] ?? '');
      // The one route of a limit that is documented with a 404.
      if (!limit) throw new Refusal(404, 'limit_not_found', 'There is no limit with this id.');
      read(propertiesBody, body);
      return ok([limitResponse(limit)]);
    },
    'POST /limits/{limit_id}/reset': ({ params, query }) => {
      const limit = state.limits.get(params[id] ?? '');
      const limit_history = {
        limit_id: limit.id,
        limit_name: limit.name,
        limit_type: limit.type,
        max: toUsd(limit.max),
        totals: totalsOf(limit),
        limit_reset_timestamp: new Date(resetTime(query.get('resetDate')) ?? now()).toISOString(),
      };
      state.limits.reset(limit.id);
      return ok({ request_id: randomUUID(), limit_history });
    },
  };
}

/** @throws Refusal 400 for what is not a time */
function resetTime(text: string | null): number | undefined {
  if (text === null) return undefined;
  const time = isoTime(text);
  if (time === undefined) throw new Refusal(400, 'request_processing_error', 'resetDate is not a time.');
  return time;
}

export const limitJson = (limit: Limit) => ({
  limit_id: limit.id,
  limit_name: limit.name,
  limit_type: limit.type,
  max: toUsd(limit.max),
  ...(limit.threshold !== undefined && { threshold: limit.threshold }),
  limit_creation_timestamp: new Date(limit.created).toISOString(),
  limit_update_timestamp: new Date(limit.updated).toISOString(),
  totals: totalsOf(limit),
});

function totalsOf(limit: Limit) {
  const total = limit.input + limit.output;
  const overrun = stateOf(limit) === 'overrun' ? { overrun_base: toUsd(total - limit.max) } : {};
  const { ok: fine, exceeded, overrun: over, failed } = limit.requests;
  return {
    cost: {
      input: { base: toUsd(limit.input) },
      output: { base: toUsd(limit.output) },
      total: { base: toUsd(total), ...overrun },
    },
    requests: {
      ...limit.requests,
      blocked: 0,
      blocked_external: 0,
      total: fine + exceeded + over + failed,
    },
  };
}
