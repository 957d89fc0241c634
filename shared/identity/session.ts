import type { Settings } from '../config/settings.ts';
import { RequestError } from '../errors/request-errors.ts';
import type { IdentitySource } from './caller.ts';
import { isOwnOrigin } from './origin.ts';
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
 * The session of the front-end. Browsers send cookies along for pages of other sites, so only the front-end's origins count.
 * @throws RequestError 401 for a session that is not valid; 403 for a page of another origin
 */
export const session: IdentitySource = ({ headers }, { settings }) => {
  const secrets = secretsOf(settings);
  const found = sessionTokenIn(headers.get('cookie'));
  if (!found || secrets.length === 0) return undefined;
  if (!isOwnOrigin(headers, settings.CORS_ORIGINS))
    throw new RequestError('foreign_origin', 'A session counts only for pages of this app and of CORS_ORIGINS', {
      status: 403,
    });
  return callerOfSession(found, { secrets, userIdKey: settings.USER_ID_KEY });
};
