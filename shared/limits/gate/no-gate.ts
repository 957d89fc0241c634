import type { Gate } from './gate.ts';

/** The gate of an app whose limits are turned off: everything passes, nothing is held or counted. */
export const noGate: Gate = {
  hold: async () => ({
    id: 'none',
    limitIds: [],
    heldNanoUsd: 0n,
    warnings: [],
    cover: async () => undefined,
    settle: async () => undefined,
  }),
};
