import type { Fallback } from '../../limits/gate/fallback.ts';
import { parseLimitId } from '../../limits/policies/limit-id.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';
import { resourceOf } from '../resource.ts';
import type { CheaperCall } from './cheaper-calls.ts';

/** What is reported of a call in a cheaper form. `limitId`: the limit that had no room for it as it was asked. */
export function fallbackOf(limitId: string, asked: RequestShape, { shape, maxTokens, effort }: CheaperCall): Fallback {
  const lowered = effort();
  return {
    policy: parseLimitId(limitId)?.policyName ?? 'unknown',
    askedModel: resourceOf(asked.model),
    model: resourceOf(shape.model),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(lowered !== undefined && { effort: lowered }),
  };
}
