import type { Caller, IdentitySource } from './caller.ts';
import { invalidCredential } from './credential-error.ts';
import { createTokenVerifier, looksLikeToken, type TokenIssuer } from './json-web-token.ts';

/** One verifier for the issuers of a process, because it keeps their signing keys. */
const verifiers = new WeakMap<readonly TokenIssuer[], (token: string) => Promise<Caller>>();

/** What comes after `Bearer` in `authorization`: a token, or an SDK's key. */
export const bearerOf = (headers: Headers): string | undefined =>
  /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1]?.trim();

/** `authorization: Bearer` with a token of one of JWT_ISSUERS. @throws RequestError 401; IdentityUnavailableError 503 */
export const bearerToken: IdentitySource = ({ headers }, { settings }) => {
  if (!headers.has('authorization') || settings.JWT_ISSUERS.length === 0) return undefined;
  const token = bearerOf(headers) ?? '';
  if (!looksLikeToken(token)) throw invalidCredential('authorization must be "Bearer" and a JSON Web Token');
  let verify = verifiers.get(settings.JWT_ISSUERS);
  if (!verify) {
    verify = createTokenVerifier({
      issuers: settings.JWT_ISSUERS,
      clockToleranceS: settings.JWT_CLOCK_TOLERANCE_S,
      userIdKey: settings.USER_ID_KEY,
    });
    verifiers.set(settings.JWT_ISSUERS, verify);
  }
  return verify(token);
};
