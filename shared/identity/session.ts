import type { Settings } from '../config/settings.ts';
import type { IdentitySource } from './caller.ts';
import { refuseForeignOrigin } from './origin.ts';
import { callerOfSession, sessionTokenIn } from './session-cookie.ts';

type Secrets = Pick<Settings, 'AUTH_SECRET' | 'AUTH_SECRET_1' | 'AUTH_SECRET_2' | 'AUTH_SECRET_3' | 'NEXTAUTH_SECRET'>;

/** The front-end's secrets under the names that Auth.js reads; the numbered ones are for rotation. */
const secretsOf = (settings: Secrets): string[] =>
  [
    settings.AUTH_SECRET_3,
    settings.AUTH_SECRET_2,
    settings.AUTH_SECRET_1,
    settings.AUTH_SECRET,
    settings.NEXTAUTH_SECRET,
  ].filter((secret) => secret !== undefined);

/**
 * The session of the front-end, for its own origins.
 * @throws RequestError 401 for a session that is not valid; 403 for a page of another origin
 */
export const session: IdentitySource = ({ headers }, { settings }) => {
  const secrets = secretsOf(settings);
  const found = sessionTokenIn(headers.get('cookie'));
  if (!found || secrets.length === 0) return undefined;
  refuseForeignOrigin(headers, settings.CORS_ORIGINS);
  return callerOfSession(found, { secrets, userIdKey: settings.USER_ID_KEY });
};
