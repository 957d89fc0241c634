import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** An issuer of tokens on this machine: publishes its keys, counts who asks, and can be made to fail. */
export async function startIssuer() {
  const published: JWK[] = [];
  const state = { requests: 0, status: 200 };
  const server = createServer((_request, response) => {
    state.requests += 1;
    response.writeHead(state.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** A new signing key; unpublished ones are those of a forger. */
  async function addKey(kid: string, options: { publish?: boolean } = {}) {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    if (options.publish !== false) published.push({ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' });
    return (claims: Record<string, unknown> = {}, change: (token: SignJWT) => SignJWT = in5Minutes) =>
      change(
        new SignJWT({ sub: 'sam', ...claims })
          .setProtectedHeader({ alg: 'RS256', kid })
          .setIssuer(issuer)
          .setAudience('trailmeter')
          .setIssuedAt(),
      ).sign(privateKey);
  }
  return {
    issuer,
    state,
    addKey,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const in5Minutes = (token: SignJWT): SignJWT => token.setExpirationTime('5m');
