import { type Fallback, fallbackText } from '../limits/gate/fallback.ts';

/**
 * The header that tells limits which are near or past without blocking: `<limit id>=<state>, …`, or `ok`.
 * An event stream's headers leave before its calls are made, so there the states stand in the result's metrics alone.
 */
export const limitState = (limits: readonly { limitId: string; state: string }[]): Record<string, string> => ({
  'x-limit-state': limits.map(({ limitId, state }) => `${limitId}=${state}`).join(', ') || 'ok',
});

/** The header that says that a call was made in a cheaper form, since the limit of a policy had no room for it as it was asked. */
export const fallbackHeader = (fallback: Fallback | undefined): Record<string, string> =>
  fallback ? { 'x-limit-fallback': fallbackText(fallback) } : {};

/** Both headers, of the answer of a feature. */
export const limitHeaders = ({
  limits,
  fallback,
}: {
  limits: Parameters<typeof limitState>[0];
  fallback?: Fallback | undefined;
}): Record<string, string> => ({ ...limitState(limits), ...fallbackHeader(fallback) });
