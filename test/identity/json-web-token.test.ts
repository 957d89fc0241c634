import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTokenVerifier, looksLikeToken, type TokenIssuer } from '../../shared/identity/json-web-token.ts';
import { startIssuer } from './jwks-server.ts';

let issuer: Awaited<ReturnType<typeof startIssuer>>;
let sign: Awaited<ReturnType<typeof issuer.addKey>>;
beforeAll(async () => {
  issuer = await startIssuer();
  sign = await issuer.addKey('first');
});
afterAll(() => issuer.close());

const accepted = (change: Partial<TokenIssuer> = {}): TokenIssuer => ({
  issuer: issuer.issuer,
  audience: ['trailmeter'],
  jwksUrl: `${issuer.issuer}/keys`,
  user: 'sub',
  role: 'roles',
  adminRoles: ['Trail.Admin'],
  ...change,
});
const verifier = (change: Partial<TokenIssuer> = {}, now?: () => Date) =>
  createTokenVerifier({ issuers: [accepted(change)], clockToleranceS: 30, userIdKey: 'k', ...(now && { now }) });

test('a token names the caller', async () => {
  const verify = verifier({ account: 'tid' });
  expect(await verify(await sign({ tid: 'acme' }))).toEqual({
    userId: 'sam',
    accountName: 'acme',
    role: 'user',
    via: 'jwt',
  });
});

test.each([
  ['a list', { roles: ['Trail.Reader', 'Trail.Admin'] }, 'admin'],
  ['texts in one', { roles: 'Trail.Reader Trail.Admin' }, 'admin'],
  ['another role', { roles: ['trail.admin'] }, 'user'],
  ['something else', { roles: { admin: true } }, 'user'],
])('the role claim: %s', async (_name, claims, role) => {
  expect((await verifier()(await sign(claims))).role).toBe(role);
});

test('a claim along dots, and one whose name has dots', async () => {
  const nested = await sign({ app: { roles: ['Trail.Admin'] } });
  expect((await verifier({ role: 'app.roles' })(nested)).role).toBe('admin');
  const whole = await sign({ 'https://trail.example/role': 'Trail.Admin' });
  expect((await verifier({ role: 'https://trail.example/role' })(whole)).role).toBe('admin');
});

test('an e-mail address as user id becomes a pseudonym', async () => {
  const caller = await verifier({ user: 'email' })(await sign({ email: 'Sam@example.com' }));
  expect(caller.userId).toMatch(/^user-[0-9a-f]{24}$/);
});

test.each<[string, () => Promise<string>, string]>([
  ['expired', () => sign({}, (token) => token.setExpirationTime('-31s')), 'it has expired'],
  ['without an end', () => sign({}, (token) => token), 'claim "exp" is missing'],
  [
    'not valid yet',
    () => sign({}, (token) => token.setNotBefore('2m').setExpirationTime('5m')),
    'claim "nbf" is not accepted here',
  ],
  [
    'another audience',
    () => sign({}, (token) => token.setAudience('other').setExpirationTime('5m')),
    'claim "aud" is not accepted here',
  ],
  [
    'another issuer',
    () => sign({}, (token) => token.setIssuer('https://evil.example').setExpirationTime('5m')),
    'its issuer is not accepted here',
  ],
  ['no user', () => sign({ sub: ' ' }), 'it has no claim "sub"'],
  [
    'alg none',
    async () => new UnsecuredJWT({ sub: 'sam' }).setIssuer(issuer.issuer).setExpirationTime('5m').encode(),
    'not valid',
  ],
  [
    'a shared secret',
    () =>
      new SignJWT({ sub: 'sam' })
        .setProtectedHeader({ alg: 'HS256', kid: 'first' })
        .setIssuer(issuer.issuer)
        .setAudience('trailmeter')
        .setExpirationTime('5m')
        .sign(new TextEncoder().encode('first-first-first-first-first-first')),
    'its algorithm is not accepted here',
  ],
  ['not a token', async () => 'a.b.c', 'it is not a JSON Web Token'],
  ['too long', async () => `${'a'.repeat(20_000)}.b.c`, 'longer than 16384 characters'],
])('401: %s', async (_name, token, problem) => {
  const error = await verifier()(await token()).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ status: 401, code: 'invalid_credential', message: expect.stringContaining(problem) });
});

test('clocks may differ by the tolerance', async () => {
  const token = await sign({}, (token) => token.setExpirationTime(1_795_000_000));
  const at = (seconds: number) => verifier({}, () => new Date(seconds * 1_000))(token);
  await expect(at(1_795_000_029)).resolves.toMatchObject({ userId: 'sam' });
  await expect(at(1_795_000_030)).rejects.toMatchObject({ status: 401 });
});

test('a changed token is 401', async () => {
  const [head, , tail] = (await sign()).split('.');
  const body = Buffer.from(JSON.stringify({ sub: 'eve', iss: issuer.issuer, aud: 'trailmeter', exp: 9e9 })).toString(
    'base64url',
  );
  await expect(verifier()(`${head}.${body}.${tail}`)).rejects.toMatchObject({
    status: 401,
    message: expect.stringContaining('its signature is wrong'),
  });
});

test('a new key is fetched when a token names it; unknown ids cost one request', async () => {
  const verify = verifier();
  await verify(await sign());
  const before = issuer.state.requests;
  const forged = await issuer.addKey('unknown', { publish: false });
  for (let call = 0; call < 5; call++) await expect(verify(await forged())).rejects.toMatchObject({ status: 401 });
  expect(issuer.state.requests - before).toBeLessThanOrEqual(1);
  const rotated = await issuer.addKey('second');
  await expect(verifier()(await rotated())).resolves.toMatchObject({ userId: 'sam' });
});

test('an issuer that is away makes nobody wrong: 503', async () => {
  issuer.state.status = 500;
  await expect(verifier()(await sign())).rejects.toMatchObject({
    status: 503,
    code: 'identity_unavailable',
    retryAfterSeconds: 5,
  });
  issuer.state.status = 200;
});

test.each([
  ['a.b.c', true],
  ['sk-ant-123', false],
  ['a.b', false],
])('%s looks like a token: %s', (text, is) => {
  expect(looksLikeToken(text)).toBe(is);
});
