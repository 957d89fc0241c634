import { hkdf } from 'node:crypto';
import { promisify } from 'node:util';
import { base64url, calculateJwkThumbprint, errors, jwtDecrypt } from 'jose';
import type { Caller } from './caller.ts';
import { callerFromClaims } from './claims.ts';
import { invalidCredential } from './credential-error.ts';

/** The names that Auth.js gives its session cookie, over HTTPS and without. Also the salt of the key. */
const cookieNames = ['__Secure-authjs.session-token', 'authjs.session-token'] as const;
/** As Auth.js has it, in seconds. */
const CLOCK_TOLERANCE_S = 15;
/** Auth.js splits what is longer than 4,096 bytes; a session of more than this many chunks is not one of a person. */
const MAX_CHUNKS = 8;
/** Bytes of the key that each content encryption needs. */
const keyLengths: Record<string, number> = { 'A256CBC-HS512': 64, A256GCM: 32 };

const deriveKey = promisify(hkdf);

export interface SessionOptions {
  /** AUTH_SECRET of the front-end; several while it is rotated. */
  secrets: readonly string[];
  userIdKey: string | undefined;
  /** UTC. */
  now?: () => Date;
}

/** The session token in a `cookie` header, chunks put together; undefined where there is none. */
export function sessionTokenIn(header: string | null): { name: string; token: string } | undefined {
  if (!header) return undefined;
  const cookies = new Map<string, string>();
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    // The first of one name counts: it has the longest path (RFC 6265, 5.4).
    const name = pair.slice(0, at).trim();
    if (at > 0 && !cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  for (const name of cookieNames) {
    const whole = cookies.get(name) ?? chunksOf(cookies, name);
    if (whole) return { name, token: whole };
  }
  return undefined;
}

/** Auth.js joins `name.0`, `name.1`, … by number. */
function chunksOf(cookies: Map<string, string>, name: string): string {
  let token = '';
  for (let index = 0; index < MAX_CHUNKS; index++) {
    const chunk = cookies.get(`${name}.${index}`);
    if (chunk === undefined) break;
    token += chunk;
  }
  return token;
}

/**
 * Decrypts the front-end's session as Auth.js does: a JWE (`dir`, `A256CBC-HS512`) whose key is HKDF-SHA-256 of the secret,
 * with the cookie's name as salt, and whose `kid` is the thumbprint of that key.
 * @throws RequestError 401 when the session was not made with one of the secrets, has expired, or names nobody.
 */
export async function callerOfSession(
  session: { name: string; token: string },
  { secrets, userIdKey, now }: SessionOptions,
): Promise<Caller> {
  try {
    const { payload } = await jwtDecrypt(session.token, ({ kid, enc }) => keyFor(secrets, session.name, enc, kid), {
      clockTolerance: CLOCK_TOLERANCE_S,
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: Object.keys(keyLengths),
      requiredClaims: ['exp'],
      ...(now && { currentDate: now() }),
    });
    return callerFromClaims(payload, { user: 'sub', role: 'role', adminRoles: ['admin'] }, userIdKey, 'session');
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw invalidCredential('the session has expired; sign in again');
    if (error instanceof errors.JOSEError || error instanceof UnknownKeyError)
      throw invalidCredential('the session was not made with the secret of this app; sign in again');
    throw error;
  }
}

/** None of our secrets gives the key that the session names. */
class UnknownKeyError extends Error {}

async function keyFor(secrets: readonly string[], salt: string, enc: string, kid: string | undefined) {
  const length = keyLengths[enc];
  for (const secret of length === undefined ? [] : secrets) {
    const info = `Auth.js Generated Encryption Key (${salt})`;
    const key = new Uint8Array(await deriveKey('sha256', secret, salt, info, length as number));
    if (kid === undefined) return key;
    const thumbprint = await calculateJwkThumbprint(
      { kty: 'oct', k: base64url.encode(key) },
      `sha${key.byteLength << 3}` as 'sha512',
    );
    if (kid === thumbprint) return key;
  }
  throw new UnknownKeyError();
}
