import { Refusal } from '../http/api-error.ts';

/**
 * The guide's spelling, turned into the live API's, and back. Only the `guide` dialect passes through here; each dialect
 * refuses what only the other takes (see the tests of dialects).
 */

type Body = Record<string, unknown>;

const isBody = (body: unknown): body is Body => typeof body === 'object' && body !== null && !Array.isArray(body);

/** Gives members their live names. @throws Refusal for one that has its live name already */
function renamed(body: Body, names: Record<string, string>): Body {
  const live = new Set(Object.values(names));
  const wrong = Object.keys(body).find((name) => live.has(name));
  if (wrong !== undefined)
    throw new Refusal(400, 'request_processing_error', `There is no member ${JSON.stringify(wrong)}.`);
  const entries = Object.entries(body).map(([name, value]) => [
    (Object.hasOwn(names, name) ? names[name] : undefined) ?? name,
    value,
  ]);
  return Object.fromEntries(entries);
}

const ingestNames = { request_properties: 'properties' };
const definitionNames = { use_case_name: 'name' };
const kpiNames = { kpi_name: 'name', value_type: 'kpi_type' };

export function guideIngest<T>(body: T): T {
  return isBody(body) ? (renamed(body, ingestNames) as T) : body;
}

/** A threshold in USD becomes a share of the maximum. */
export function guideLimit(body: unknown): unknown {
  if (!isBody(body)) return body;
  const { threshold, max } = body;
  if (typeof threshold !== 'number' || typeof max !== 'number') return body;
  return { ...body, threshold: Number((threshold / max).toPrecision(9)) };
}

/** The threshold of an answer in USD. */
export function guideLimitAnswer<T extends { max: number; threshold?: number | null | undefined }>(limit: T): T {
  const { threshold, max } = limit;
  return typeof threshold === 'number' ? { ...limit, threshold: Number((threshold * max).toPrecision(12)) } : limit;
}

export function guideLimitUpdate(body: unknown): unknown {
  if (!isBody(body)) return body;
  const { threshold: _, ...rest } = body;
  return rest;
}

export function guideDefinition(body: unknown): unknown {
  if (!isBody(body)) return body;
  const { properties: _, limit_config: config, ...rest } = renamed(body, definitionNames);
  return { description: rest['name'], ...rest, ...(config !== undefined && { limit_config: guideLimit(config) }) };
}

export function guideKpi(body: unknown): unknown {
  if (!isBody(body)) return body;
  const live = renamed(body, kpiNames);
  const type = live['kpi_type'] === 'numeric' ? 'number' : live['kpi_type'];
  return { description: live['name'], goal: 1, ...live, kpi_type: type === 'number' || type === 'boolean' ? type : '' };
}

export function guideScore(body: unknown): unknown {
  if (!isBody(body)) return body;
  const { timestamp: _, ...rest } = renamed(body, { value: 'score' });
  return rest;
}
