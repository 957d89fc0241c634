/**
 * The header that tells limits which are near or past without blocking: `<limit id>=<state>, …`, or `ok`.
 * An event stream's headers leave before its calls are made, so there the states stand in the result's metrics alone.
 */
export const limitState = (limits: readonly { limitId: string; state: string }[]): Record<string, string> => ({
  'x-limit-state': limits.map(({ limitId, state }) => `${limitId}=${state}`).join(', ') || 'ok',
});
