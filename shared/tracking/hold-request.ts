import type { HoldRequest } from '../limits/gate/gate.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import { boundsItself, cheapBound, exactBound, learnedKey } from './bound.ts';
import type { Attempt, TrackedCall } from './call.ts';

/** What the gate is asked for before a call's first attempt: the cheap bound, and how a closer one is found (L3). */
export function holdRequestOf(
  { shape, context, useCase }: TrackedCall,
  attempt: Attempt,
  eventId: string,
  startedMs: number,
  telemetry: Telemetry,
): HoldRequest {
  const cheap = cheapBound(shape, startedMs);
  const request: HoldRequest = {
    useCaseName: useCase.name,
    occurredAtMs: startedMs,
    boundNanoUsd: cheap,
    eventId,
    category: attempt.dialect.category,
    resource: shape.model || 'unknown',
    useCaseId: useCase.id,
  };
  if (context?.userId !== undefined) request.userId = context.userId;
  if (context?.accountName !== undefined) request.accountName = context.accountName;
  if (shape.unknown !== undefined) request.unboundedBy = shape.unknown;
  else if (!boundsItself(shape)) request.learnedKey = learnedKey(useCase.name, shape);
  else if (attempt.countTokens && shape.countable) {
    request.exactBoundNanoUsd = async () => {
      try {
        const counted = await attempt.countTokens?.();
        return counted === undefined ? cheap : exactBound(shape, startedMs, counted);
      } catch (error) {
        telemetry.warn('token-count-failed', describeError(error));
        return cheap;
      }
    };
  }
  return request;
}
