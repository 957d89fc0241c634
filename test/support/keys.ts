import type { IdentityServices } from '../../shared/identity/caller.ts';

/** For tests in which nobody calls with a key that is kept as a record. */
export const noKeys: IdentityServices['keys'] = { holderOf: async () => undefined };
