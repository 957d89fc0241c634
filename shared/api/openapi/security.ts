import type { Route } from '../../http/route.ts';
import type { JsonObject } from './json.ts';

/** The ways in which callers are known. Which of them count is a matter of the app's settings. */
export const securitySchemes: JsonObject = {
  accessKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-functions-key',
    description: 'An access key of the app.',
  },
  sdkKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'An access key, where Anthropic’s SDKs send their API key.',
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token of one of the issuers in JWT_ISSUERS. On the gateways an access key, too.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Secure-authjs.session-token',
    description:
      'The Auth.js session of the front-end (`authjs.session-token` without HTTPS), sent by pages of allowed origins.',
  },
  appService: {
    type: 'apiKey',
    in: 'cookie',
    name: 'AppServiceAuthSession',
    description: 'The sign-in of App Service Authentication, where it is on.',
  },
};

const always = ['accessKey', 'bearer', 'session', 'appService'];

/** Which of the schemes open a route; one is enough. */
export function securityOf({ access, dialect, path }: Route): JsonObject[] {
  // The key in the path is a parameter, and the only credential that counts there.
  if (access === 'anyone' || path.includes('{token}')) return [];
  const isGateway = dialect !== 'envelope' && dialect !== 'bare';
  return (isGateway ? [...always, 'sdkKey'] : always).map((name) => ({ [name]: [] }));
}
