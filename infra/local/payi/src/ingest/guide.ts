/**
 * The guide's spelling, turned into the live API's. Only the `guide` dialect passes through here; the live API refuses
 * what these take (see the contract tests).
 */

type Body = Record<string, unknown>;

const isBody = (body: unknown): body is Body => typeof body === 'object' && body !== null && !Array.isArray(body);

/** Gives members their live names; a live name that is there already wins. */
function renamed(body: Body, names: Record<string, string>): Body {
  const out: Body = {};
  for (const [name, value] of Object.entries(body)) {
    const live = (Object.hasOwn(names, name) ? names[name] : undefined) ?? name;
    if (live === name || !(live in body)) out[live] = value;
  }
  return out;
}

export function guideIngest<T>(body: T): T {
  return isBody(body) ? (renamed(body, { request_properties: 'properties' }) as T) : body;
}

/** A threshold in dollars becomes a share of the maximum. */
export function guideLimit(body: unknown): unknown {
  if (!isBody(body)) return body;
  const { threshold, max } = body;
  const isDollars = typeof threshold === 'number' && typeof max === 'number' && threshold > 1 && max > 0;
  return isDollars ? { ...body, threshold: threshold / max } : body;
}

export function guideLimitUpdate(body: unknown): unknown {
  if (!isBody(body)) return body;
  const { threshold: _, ...rest } = body;
  return rest;
}

export function guideDefinition(body: unknown): unknown {
  if (!isBody(body)) return body;
  const { properties: _, ...rest } = renamed(body, { use_case_name: 'name' });
  return { description: rest['name'], ...rest };
}

export function guideKpi(body: unknown): unknown {
  if (!isBody(body)) return body;
  const live = renamed(body, { kpi_name: 'name', value_type: 'kpi_type' });
  const type = live['kpi_type'] === 'numeric' ? 'number' : live['kpi_type'];
  return { description: live['name'], goal: 1, ...live, kpi_type: type };
}

export function guideScore(body: unknown): unknown {
  if (!isBody(body)) return body;
  const { timestamp: _, ...rest } = renamed(body, { value: 'score' });
  return rest;
}
