import type { PayiRequest } from '../transport/transport.ts';
import { guideNoun, isMembers, type Members, renamed } from './guide-paths.ts';

/** The body of an answer in the client's words: of one thing, of a list's `items`, or of a `limit`. */
export function fromGuide({ path }: PayiRequest, body: unknown): unknown {
  const noun = guideNoun(path);
  const read = noun && readers[noun];
  if (!read || !isMembers(body)) return body;
  const { items, limit } = body;
  return {
    ...read(body),
    ...(Array.isArray(items) && { items: items.map((item) => (isMembers(item) ? read(item) : item)) }),
    ...(isMembers(limit) && { limit: read(limit) }),
  };
}

function limitInShares(limit: Members): Members {
  const { threshold, max } = limit;
  if (typeof threshold !== 'number' || typeof max !== 'number' || max <= 0) return limit;
  return { ...limit, threshold: Number((threshold / max).toPrecision(9)) };
}

function definition(body: Members): Members {
  const { limit_config: config } = body;
  return {
    ...renamed(body, { use_case_name: 'name' }),
    ...(isMembers(config) && { limit_config: limitInShares(config) }),
  };
}

const readers: Partial<Record<NonNullable<ReturnType<typeof guideNoun>>, (body: Members) => Members>> = {
  limit: limitInShares,
  'limit-config': definition,
  definition,
  kpi: (body) => renamed(body, { kpi_name: 'name', value_type: 'kpi_type' }),
};
