import type { Properties } from '../../events/usage-event.ts';
import { type Fallback, fallbackText } from '../../limits/gate/fallback.ts';
import { type Hold, isShadowState } from '../../limits/gate/gate.ts';
import { parseLimitId } from '../../limits/policies/limit-id.ts';

/** The request properties by which an event says what limits did to its call, and what limits in shadow would have done. */
const FALLBACK = 'limit_fallback';
const SHADOW = 'limit_shadow';

/** Properties with what limits did, in place of what a caller wrote there. Policies are named, since a limit id may hold a digest of the user. */
export function withLimitFacts(
  properties: Properties,
  fallback: Fallback | undefined,
  { warnings }: Pick<Hold, 'warnings'>,
): Properties {
  const shadow = warnings.filter(({ state }) => isShadowState(state));
  if (!fallback && shadow.length === 0 && properties[FALLBACK] === undefined && properties[SHADOW] === undefined)
    return properties;
  const { [FALLBACK]: _fallback, [SHADOW]: _shadow, ...others } = properties;
  return {
    ...others,
    ...(fallback && { [FALLBACK]: fallbackText(fallback) }),
    ...(shadow.length > 0 && { [SHADOW]: shadow.map(shadowText).join(', ') }),
  };
}

const shadowText = ({ limitId, state }: Hold['warnings'][number]): string =>
  `${parseLimitId(limitId)?.policyName ?? 'unknown'}=${state}`;
