import { z } from 'zod';
import { adminOnly } from '../errors/request-errors.ts';
import type { Caller } from '../identity/caller.ts';
import { refuseUseCase } from '../identity/keys/key-grant.ts';
import { type Hours, timeSchema, toHours } from '../usage/answers/usage-times.ts';

const filter = z.string().max(512).optional();

/** Query of `GET /api/usage/outcomes`. */
export const outcomesRequestSchema = z.object({
  from: timeSchema.optional(),
  to: timeSchema.optional(),
  useCase: filter,
  version: z.coerce.number().int().min(1).optional(),
  user: filter,
  account: filter,
});

export interface OutcomesQuery extends Hours {
  useCase: string | undefined;
  /** Those that the caller's access key is for; absent: all. */
  allowed?: readonly string[] | undefined;
  version: string | undefined;
  user: string | undefined;
  account: string | undefined;
}

/**
 * The query of a request: whole hours, by default the last 30 days; for a user only that user's instances.
 * @throws RequestError 400 naming what is wrong, 403 when a user asks for another one or the key is not for the use case
 */
export function toOutcomesQuery(
  request: z.output<typeof outcomesRequestSchema>,
  caller: Caller,
  nowMs: number,
): OutcomesQuery {
  if (request.useCase !== undefined) refuseUseCase(caller.key, request.useCase);
  if (caller.role !== 'admin' && request.user !== undefined && request.user !== caller.userId) throw adminOnly();
  return {
    ...toHours(request, nowMs),
    useCase: request.useCase,
    allowed: caller.key?.useCases,
    version: request.version?.toString(),
    user: caller.role === 'admin' ? request.user : caller.userId,
    account: request.account,
  };
}
