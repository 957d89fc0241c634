import type { GoogleAccount } from '../../config/kinds.ts';
import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { type Clock, systemClock } from '../../util/clock.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** The longest that Google gives a token for; seconds. */
const LIFETIME_S = 3_600;
/** A token that ends sooner is not used for a request that begins now; ms. */
const RESERVE_MS = 120_000;
const WAIT_MS = 10_000;

interface Token {
  text: string;
  /** ms, UTC. */
  usableUntil: number;
}

/** Access tokens of a service account, each used until shortly before it expires. @throws TrailmeterError 502 where Google gives none */
export function createGoogleToken(
  account: GoogleAccount | undefined,
  clock: Clock = systemClock,
): () => Promise<string> {
  let token: Token | undefined;
  /** Requests at once share one exchange. */
  let exchanging: Promise<Token> | undefined;
  return async () => {
    if (token && clock.now() < token.usableUntil) return token.text;
    exchanging ??= exchange(account, clock.now()).finally(() => {
      exchanging = undefined;
    });
    token = await exchanging;
    return token.text;
  };
}

async function exchange(account: GoogleAccount | undefined, nowMs: number): Promise<Token> {
  try {
    if (!account) throw new Error('VERTEX_ACCOUNT_KEY is not set.');
    const assertion = await sign(account, Math.floor(nowMs / 1_000));
    const answer = await fetch(account.token_uri, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
      signal: AbortSignal.timeout(WAIT_MS),
    });
    const body = (await answer.json()) as { access_token?: unknown; expires_in?: unknown };
    if (!answer.ok || typeof body.access_token !== 'string') throw new Error(`HTTP ${answer.status}`);
    const lifetimeMs = (Number(body.expires_in) || 0) * 1_000;
    return { text: body.access_token, usableUntil: nowMs + lifetimeMs - RESERVE_MS };
  } catch (cause) {
    throw withoutToken(cause);
  }
}

/** The library is loaded by the first token. */
async function sign(account: GoogleAccount, nowS: number): Promise<string> {
  const { importPKCS8, SignJWT } = await import('jose');
  return new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(account.private_key_id && { kid: account.private_key_id }) })
    .setIssuer(account.client_email)
    .setAudience(account.token_uri)
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + LIFETIME_S)
    .sign(await importPKCS8(account.private_key, 'RS256'));
}

const withoutToken = (cause: unknown): TrailmeterError =>
  new TrailmeterError(
    'upstream_failed',
    'There is no Google token for the provider. Set VERTEX_ACCOUNT_KEY to the key of a service account that may use Vertex AI.',
    { status: 502, cause },
  );
