import { z } from 'zod';
import { adminOnly, invalidField } from '../errors/request-errors.ts';
import { outcomeSchema } from '../events/usage-event.ts';
import type { Caller } from '../identity/caller.ts';
import { refuseUseCase } from '../identity/keys/key-grant.ts';
import type { LedgerState } from '../ledger/ledger-row.ts';
import { timeSchema, toHours } from '../usage/answers/usage-times.ts';
import { fromUsd } from '../util/money.ts';

export const ledgerStates = ['ingested', 'waiting', 'deadLettered'] as const satisfies LedgerState[];
const filter = z.string().max(512).optional();

/** Query of `GET /api/use-cases/{name}/instances`. */
export const instancesRequestSchema = z.object({
  from: timeSchema.optional(),
  to: timeSchema.optional(),
  user: filter,
  account: filter,
  model: filter.describe('instances with a call that this model answered'),
  outcome: outcomeSchema.optional().describe('instances with a call that ended so'),
  state: z.enum(ledgerStates).optional().describe('instances with an event in this state'),
  minUsd: z.coerce.number().min(0).max(1e9).optional().describe('USD by our price book'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(4_000).optional().describe('`next` of the page before'),
});

/** Which instances are asked for. */
export interface InstancesQuery {
  useCaseName: string;
  /** Hours, e.g. `2026-11-23T10`: from one on and before the other. */
  from: string;
  before: string;
  user?: string | undefined;
  account?: string | undefined;
  model?: string | undefined;
  outcome?: z.output<typeof outcomeSchema> | undefined;
  state?: LedgerState | undefined;
  /** nano-USD. */
  minCost?: bigint | undefined;
  limit: number;
  after?: InstancePlace | undefined;
}

/** Where a page ended: the time of the last call (ISO 8601) and the key of the last instance, or an hour that was not begun (`''`). */
export type InstancePlace = readonly [at: string, instance: string];

/**
 * The query of a request: whole hours, by default the last 30 days; for a user only that user's instances.
 * @throws RequestError 400 naming what is wrong, 403 when a user asks for another one or the key is not for the use case
 */
export function toInstancesQuery(
  request: z.output<typeof instancesRequestSchema>,
  useCaseName: string,
  caller: Caller,
  nowMs: number,
): InstancesQuery {
  refuseUseCase(caller.key, useCaseName);
  if (caller.role !== 'admin' && request.user !== undefined && request.user !== caller.userId) throw adminOnly();
  const { account, model, outcome, state, limit } = request;
  return {
    useCaseName,
    ...toHours(request, nowMs),
    user: caller.role === 'admin' ? request.user : caller.userId,
    account,
    model,
    outcome,
    state,
    minCost: request.minUsd === undefined ? undefined : fromUsd(request.minUsd),
    limit,
    after: request.cursor === undefined ? undefined : placeOf(request.cursor),
  };
}

export const instanceCursor = (place: InstancePlace): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

function placeOf(cursor: string): InstancePlace {
  const place = z.tuple([z.iso.datetime(), z.string()]).safeParse(jsonOf(Buffer.from(cursor, 'base64url').toString()));
  if (!place.success) throw invalidField('cursor', 'must be `next` of an answer to the same query');
  return place.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
