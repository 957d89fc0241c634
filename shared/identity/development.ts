import type { IdentitySource } from './caller.ts';
import { storableUserId } from './user-id.ts';

/** Everybody is the user of DEV_IDENTITY (`sam` or `sam:admin`). For a laptop; the setting is absent anywhere else. */
export const developmentIdentity: IdentitySource = (_headers, settings) => {
  if (!settings.DEV_IDENTITY) return undefined;
  const [name = '', role = 'user'] = settings.DEV_IDENTITY.split(':');
  return {
    userId: storableUserId(name, settings.USER_ID_KEY, 'DEV_IDENTITY'),
    role: role === 'admin' ? 'admin' : 'user',
    via: 'development',
  };
};
