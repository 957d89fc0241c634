import { z } from 'zod';
import { TrailmeterError } from '../errors/trailmeter-error.ts';
import { answerLost } from './errors.ts';

/** How the first request with a key ended. `lost`: it ended, and its answer is too large to be kept. */
export const outcomeKeptSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answered'), data: z.unknown() }),
  z.object({
    kind: z.literal('failed'),
    /** Absent for an error that was unforeseen: its text stays inside. */
    error: z
      .object({
        code: z.string(),
        message: z.string(),
        status: z.number(),
        details: z.record(z.string(), z.unknown()),
        retryAfterSeconds: z.number().optional(),
      })
      .optional(),
  }),
  z.object({ kind: z.literal('lost') }),
]);
export type OutcomeKept = z.infer<typeof outcomeKeptSchema>;

export function failedOutcome(error: unknown): OutcomeKept {
  if (!(error instanceof TrailmeterError)) return { kind: 'failed' };
  const { code, message, status, details, retryAfterSeconds } = error;
  return {
    kind: 'failed',
    error: { code, message, status, details, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) },
  };
}

/** What the first request gave. @throws what the first request threw; RequestError 409 when its answer is lost */
export function replayed(outcome: OutcomeKept): unknown {
  if (outcome.kind === 'answered') return outcome.data;
  if (outcome.kind === 'lost') throw answerLost();
  if (!outcome.error) throw new Error('the first request with this Idempotency-Key failed unforeseen');
  const { code, message, status, details, retryAfterSeconds } = outcome.error;
  throw new TrailmeterError(code, message, {
    status,
    details,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

/**
 * Whether a failed request may have been paid for. Then its failure is the answer to its key; else the key is free again. An error that
 * was unforeseen counts as paid, and so does a cost that is not known.
 */
export function isPaid(error: unknown): boolean {
  if (!(error instanceof TrailmeterError)) return true;
  // The model answered, and the call could not be reported.
  if (error.code === 'event_not_durable') return true;
  const { metrics } = error.details as { metrics?: { cost?: number | null } };
  return metrics !== undefined && metrics.cost !== 0;
}
