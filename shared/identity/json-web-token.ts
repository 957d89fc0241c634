import { createRemoteJWKSet, decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Caller } from './caller.ts';
import { type ClaimNames, callerFromClaims } from './claims.ts';
import { IdentityUnavailableError, invalidCredential } from './credential-error.ts';

/** An issuer whose bearer tokens are accepted (setting JWT_ISSUERS). */
export interface TokenIssuer extends ClaimNames {
  /** The exact `iss`. */
  issuer: string;
  /** One of these must be in `aud`. */
  audience: readonly string[];
  /** Where the issuer publishes its signing keys. */
  jwksUrl: string;
}

/** Signatures with a key pair. Shared secrets (`HS256`) and `none` are never accepted. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** A token with the claims of a person fits; longer ones are not decoded. */
const MAX_TOKEN = 16_384;

export interface TokenOptions {
  issuers: readonly TokenIssuer[];
  /** How far our clock and the issuer's may be apart, in seconds. */
  clockToleranceS: number;
  userIdKey: string | undefined;
  /** UTC. */
  now?: () => Date;
}

/** Whether a credential has the form of a JSON Web Token, so that it is not taken for an access key. */
export const looksLikeToken = (text: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);

/**
 * Verifies bearer tokens of the configured issuers. Keys are fetched when a token needs them, kept for 10 minutes, and
 * fetched again for an unknown `kid` (rotation), at most every 30 s, so that forged ids cost the issuer nothing.
 * @throws (the verifier) RequestError 401 for a token that is not valid; IdentityUnavailableError 503 when keys can't be fetched.
 */
export function createTokenVerifier(options: TokenOptions): (token: string) => Promise<Caller> {
  const issuers = new Map(
    options.issuers.map((issuer) => [
      issuer.issuer,
      {
        ...issuer,
        keys: createRemoteJWKSet(new URL(issuer.jwksUrl), { timeoutDuration: 5_000, cooldownDuration: 30_000 }),
      },
    ]),
  );
  return async (token) => {
    const issuer = issuers.get(issuerOf(token));
    if (!issuer) throw invalidCredential('its issuer is not accepted here');
    const claims = await verified(token, issuer, issuer.keys, options);
    return callerFromClaims(claims, issuer, options.userIdKey, 'jwt');
  };
}

/** Unverified: only chooses the keys to verify with. */
function issuerOf(token: string): string {
  if (token.length > MAX_TOKEN) throw invalidCredential(`it is longer than ${MAX_TOKEN} characters`);
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    throw invalidCredential('it is not a JSON Web Token');
  }
}

async function verified(token: string, issuer: TokenIssuer, keys: JWTVerifyGetKey, options: TokenOptions) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: issuer.issuer,
      audience: [...issuer.audience],
      algorithms,
      clockTolerance: options.clockToleranceS,
      requiredClaims: ['exp'],
      ...(options.now && { currentDate: options.now() }),
    });
    return payload;
  } catch (error) {
    throw problemOf(error, issuer.issuer);
  }
}

function problemOf(error: unknown, issuer: string): Error {
  if (error instanceof errors.JWTExpired) return invalidCredential('it has expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalidCredential(
      `its claim "${error.claim}" ${error.reason === 'missing' ? 'is missing' : 'is not accepted here'}`,
    );
  if (error instanceof errors.JWKSNoMatchingKey)
    return invalidCredential('it is signed with a key that its issuer does not publish');
  if (error instanceof errors.JWSSignatureVerificationFailed) return invalidCredential('its signature is wrong');
  if (error instanceof errors.JOSEAlgNotAllowed) return invalidCredential('its algorithm is not accepted here');
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid)
    return invalidCredential('it is not a JSON Web Token');
  if (error instanceof errors.JOSENotSupported) return invalidCredential('its algorithm is not supported');
  return new IdentityUnavailableError(issuer, error);
}
