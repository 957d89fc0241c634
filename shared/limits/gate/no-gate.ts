import type { Gate, LastingHolds } from './gate.ts';

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

/** The same for holds that outlive their process. */
export const noLastingHolds: LastingHolds = {
  hold: (request) => noGate.hold(request),
  settle: async () => undefined,
  abandon: async () => undefined,
};
