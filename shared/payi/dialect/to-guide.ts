import type { PayiRequest } from '../transport/transport.ts';
import { guideNoun, isMembers, type Members, renamed } from './guide-paths.ts';

/**
 * A request in the guide's words. What the guide has no word for (a KPI's goal, a limit per instance, the response id) keeps its
 * live name.
 */
export function toGuide(request: PayiRequest): PayiRequest {
  const noun = guideNoun(request.path);
  if (noun === undefined || !isMembers(request.body)) return request;
  const method = noun === 'score' && request.method === 'PUT' ? 'POST' : request.method;
  return { ...request, method, body: spelled[noun](request.body) };
}

/** The guide's thresholds are USD. */
function limitInUsd(limit: Members): Members {
  const { threshold, max } = limit;
  if (typeof threshold !== 'number' || typeof max !== 'number') return limit;
  return { ...limit, threshold: Number((threshold * max).toPrecision(12)) };
}

const spelled: Record<NonNullable<ReturnType<typeof guideNoun>>, (body: Members) => Members> = {
  ingest: (body) => renamed(body, { properties: 'request_properties' }),
  limit: limitInUsd,
  'limit-config': limitInUsd,
  definition: ({ limit_config: config, ...body }) => ({
    ...renamed(body, { name: 'use_case_name' }),
    ...(isMembers(config) && { limit_config: limitInUsd(config) }),
  }),
  kpi: ({ kpi_type: type, ...body }) => ({
    ...renamed(body, { name: 'kpi_name' }),
    ...(type !== undefined && { value_type: type === 'boolean' ? 'boolean' : 'numeric' }),
  }),
  score: (body) => renamed(body, { score: 'value' }),
};
