import type { z } from 'zod';
import type { Route } from '../http/route.ts';
import { failureSchemas } from './answers.ts';

/** Statuses of a call of a model: no budget, the provider's limits and errors, the deadline, an event that could not be kept. */
export const modelFailures = [402, 413, 422, 429, 500, 502, 503, 504, 529] as const;

/** Every status with which a route may answer, and the shape of its body. */
export function responsesOf(route: Route): Map<number, z.ZodType> {
  const failed = failureSchemas[route.dialect];
  const statuses = [...new Set([...impliedFailures(route), ...(route.failures ?? [])])].sort((a, b) => a - b);
  const all = new Map<number, z.ZodType>(statuses.map((status) => [status, failed]));
  for (const [status, schema] of Object.entries(route.answers)) all.set(Number(status), schema);
  return all;
}

function impliedFailures({ access, dialect, params, body }: Route): number[] {
  return [
    ...[400, 500],
    // 403 also for an access key that is not for what is asked, and for a session that another origin's page sent; 503 where keys (an
    // issuer's or access keys) cannot be read.
    ...(access === 'anyone' ? [] : [401, 403, 503]),
    ...(params ? [404] : []),
    ...(body ? [413, 415] : []),
    ...(body && dialect === 'payi-proxy' ? [422] : []),
  ];
}
