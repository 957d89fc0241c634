import type { Settings } from '../config/settings.ts';
import { notAuthenticated, RequestError } from '../errors/request-errors.ts';
import type { IdentityRequest, IdentitySource } from './caller.ts';
import { isOwnOrigin } from './origin.ts';
import { storableUserId } from './user-id.ts';

type DevelopmentSettings = Pick<Settings, 'ACCESS_KEYS' | 'DEV_IDENTITY'>;

/** Whether callers without a credential are the user of DEV_IDENTITY: not any more as soon as there are access keys. */
export const isDevelopment = ({ DEV_IDENTITY, ACCESS_KEYS }: DevelopmentSettings): boolean =>
  DEV_IDENTITY !== undefined && Object.keys(ACCESS_KEYS).length === 0;

/**
 * Everybody on this machine is the user of DEV_IDENTITY (`sam` or `sam:admin`), but no page of another site is: it could post to
 * every route from the developer's browser (CSRF), under a name of its own that it points to this machine too (DNS rebinding).
 * @throws RequestError 401 for a credential, which cannot be valid here, for another host and for another origin; 415
 */
export const developmentIdentity: IdentitySource = (request, { settings }) => {
  if (!isDevelopment(settings)) return undefined;
  const { headers } = request;
  if (headers.has('authorization') || headers.has('x-api-key')) throw notAuthenticated();
  const host = headers.get('host') ?? '';
  if (!isLoopback(host)) throw refused('Host must be localhost or 127.0.0.1');
  if (!isOwnOrigin(headers, settings.CORS_ORIGINS)) throw refused('Origin must be this app or one of CORS_ORIGINS');
  requireDeclaredBody(request);
  const [name = '', role = 'user'] = (settings.DEV_IDENTITY ?? '').split(':');
  return {
    userId: storableUserId(name, settings.USER_ID_KEY, 'DEV_IDENTITY'),
    role: role === 'admin' ? 'admin' : 'user',
    via: 'development',
  };
};

const refused = (what: string): RequestError =>
  new RequestError(
    'not_authenticated',
    `DEV_IDENTITY serves this machine alone: ${what}. Elsewhere, use ACCESS_KEYS.`,
    {
      status: 401,
    },
  );

/** `localhost:7071`, `127.0.0.1`, `[::1]:7071`. Browsers resolve names below `.localhost` to this machine. */
const isLoopback = (host: string): boolean =>
  /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);

/** A form or a text needs no preflight, so a page of another site could send JSON as one. */
function requireDeclaredBody({ method, headers }: IdentityRequest): void {
  if (method === 'GET' || method === 'HEAD') return;
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const isEmpty = type === '' && Number(headers.get('content-length') ?? 0) === 0;
  if (isEmpty || type === 'application/json' || type === 'multipart/form-data') return;
  throw new RequestError('unsupported_content_type', 'Content-Type must be application/json or multipart/form-data', {
    status: 415,
    details: { got: type.slice(0, 100), supported: ['application/json', 'multipart/form-data'] },
  });
}
