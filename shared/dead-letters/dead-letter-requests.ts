import { z } from 'zod';
import { deadLetterStates } from './dead-letter-store.ts';

/** Which letters: at least one condition, or an explicit `all`. */
const which = {
  ids: z.array(z.string().min(1)).min(1).max(1_000).optional(),
  code: z.string().min(1).optional(),
  useCaseName: z.string().min(1).optional(),
  all: z.literal(true).optional(),
};

type Which = { [name in keyof typeof which]: z.output<(typeof which)[name]> };

const chosen = (request: Partial<Which>): boolean =>
  request.all === true || Boolean(request.ids ?? request.code ?? request.useCaseName);

const PROBLEM = 'must name ids, code or useCaseName, or say "all": true';

export const replayRequestSchema = z.strictObject(which).refine(chosen, PROBLEM);

export const discardRequestSchema = z
  .strictObject({ ...which, reason: z.string().min(1).max(500) })
  .refine(chosen, PROBLEM);

export const listRequestSchema = z.object({
  code: which.code,
  useCaseName: which.useCaseName,
  state: z.enum(deadLetterStates).default('dead'),
});

/** The filter of a request, without members that are absent. */
export function filterOf({
  ids,
  code,
  useCaseName,
}: {
  ids?: string[] | undefined;
  code?: string | undefined;
  useCaseName?: string | undefined;
}) {
  return { ...(ids && { ids }), ...(code && { code }), ...(useCaseName && { useCaseName }) };
}
