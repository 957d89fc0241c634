import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { invalid } from '../errors.ts';

/** A batch of requests as the stand-in keeps it. Times are ms since 1970, UTC. */
export interface Batch {
  id: string;
  requests: readonly BatchItem[];
  /** Of the request that made it: its version decides how messages look. */
  headers: IncomingHttpHeaders;
  createdAt: number;
  /** When all its requests would be done. */
  doneAt: number;
  expiresAt: number;
  cancelledAt: number | undefined;
  /** Lines of the results, made when somebody first sees that it has ended. */
  results: Promise<ResultLine[]> | undefined;
}

export interface BatchItem {
  custom_id: string;
  params: unknown;
}

/** A line of the results. */
export interface ResultLine {
  custom_id: string;
  result: { type: 'succeeded' | 'errored' | 'canceled' | 'expired'; message?: unknown; error?: unknown };
}

const MOST_REQUESTS = 100_000;

const createSchema = z.looseObject({
  requests: z
    .array(z.looseObject({ custom_id: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/), params: z.looseObject({}) }))
    .min(1)
    .max(MOST_REQUESTS),
});

/** The requests of a new batch; what they ask for is only looked at when they run. @throws ApiProblem 400 */
export function decodeBatch(body: unknown): BatchItem[] {
  const decoded = createSchema.safeParse(body);
  if (!decoded.success) {
    const issue = decoded.error.issues[0];
    throw invalid(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'is invalid'}`);
  }
  const { requests } = decoded.data;
  const ids = new Set(requests.map(({ custom_id }) => custom_id));
  if (ids.size < requests.length) throw invalid('requests: custom_id must be unique for each request of a batch');
  return requests;
}

/** When the batch ends, or ended. */
export const endOf = ({ doneAt, expiresAt, cancelledAt }: Batch): number =>
  Math.min(doneAt, expiresAt, cancelledAt ?? Number.POSITIVE_INFINITY);

/** The part of its requests that ran before it ended. */
export function ranOf(batch: Batch): number {
  const { createdAt, doneAt, requests } = batch;
  if (doneAt === createdAt) return requests.length;
  return Math.floor((requests.length * (endOf(batch) - createdAt)) / (doneAt - createdAt));
}
