import type { UserContent } from '../../shared/gateways/anthropic/user-content.ts';

/** Users who have nothing at the provider. */
export const noContent: UserContent = {
  async *ofUser() {},
  removeOfUser: async () => ({ changed: 0, next: undefined }),
};
