import { expect, test } from 'vitest';
import { callerOfSession, sessionTokenIn } from '../../shared/identity/session-cookie.ts';
import { sessionOf } from './session-of.ts';

const SECRET = 'the front-end and we share this secret';
const NAME = 'authjs.session-token';
const options = { secrets: [SECRET], userIdKey: undefined };
const session = (
  token: Record<string, unknown> = {},
  { secret: other = SECRET, ...more }: { secret?: string; salt?: string; maxAge?: number } = {},
) => sessionOf({ sub: 'u-1', role: 'user', ...token }, other, more);

test.each(['authjs.session-token', '__Secure-authjs.session-token'])('a session of Auth.js in %s', async (cookie) => {
  const token = await session({ role: 'admin' }, { salt: cookie });
  const found = sessionTokenIn(`theme=dark; ${cookie}=${token}; x=y`);
  expect(found).toEqual({ name: cookie, token });
  expect(await callerOfSession(found as NonNullable<typeof found>, options)).toEqual({
    userId: 'u-1',
    role: 'admin',
    via: 'session',
  });
});

test('chunks are put together by number', async () => {
  const token = await session({ picture: 'x'.repeat(9_000) });
  const chunks = token.match(/.{1,3900}/g) ?? [];
  expect(chunks.length).toBeGreaterThan(2);
  const cookies = chunks.map((chunk, index) => `${NAME}.${index}=${chunk}`).reverse();
  const found = sessionTokenIn(cookies.join('; '));
  expect(found).toEqual({ name: NAME, token });
  await expect(callerOfSession({ name: NAME, token }, options)).resolves.toMatchObject({ userId: 'u-1' });
});

test.each<[string, string | null]>([
  ['no cookie', null],
  ['another cookie', 'a=b; authjs.csrf-token=x'],
  ['an empty one', `${NAME}=`],
  ['a chunk without the first', `${NAME}.1=abc`],
])('not a session: %s', (_name, header) => {
  expect(sessionTokenIn(header)).toBeUndefined();
});

test('the first of two cookies of one name counts', () => {
  expect(sessionTokenIn(`${NAME}=one; ${NAME}=two`)?.token).toBe('one');
});

test('while the secret is rotated, sessions of both are accepted', async () => {
  const rotated = { secrets: ['the new secret', SECRET], userIdKey: undefined };
  await expect(callerOfSession({ name: NAME, token: await session() }, rotated)).resolves.toMatchObject({
    userId: 'u-1',
  });
  const fresh = await session({}, { secret: 'the new secret' });
  await expect(callerOfSession({ name: NAME, token: fresh }, rotated)).resolves.toMatchObject({ userId: 'u-1' });
});

test.each<[string, () => Promise<{ name: string; token: string }>, string]>([
  [
    'another secret',
    async () => ({ name: NAME, token: await session({}, { secret: 'foreign' }) }),
    'not made with the secret',
  ],
  [
    'another salt',
    async () => ({ name: NAME, token: await session({}, { salt: 'other' }) }),
    'not made with the secret',
  ],
  ['expired', async () => ({ name: NAME, token: await session({}, { maxAge: -16 }) }), 'has expired'],
  ['changed', async () => ({ name: NAME, token: `${(await session()).slice(0, -4)}AAAA` }), 'not made with the secret'],
  ['text', async () => ({ name: NAME, token: 'nonsense' }), 'not made with the secret'],
  ['no user', async () => ({ name: NAME, token: await session({ sub: '' }) }), 'it has no claim "sub"'],
])('401: %s', async (_name, made, problem) => {
  const error = await callerOfSession(await made(), options).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ status: 401, code: 'invalid_credential', message: expect.stringContaining(problem) });
});

test('an e-mail address as subject becomes a pseudonym', async () => {
  const token = await session({ sub: 'sam@example.com' });
  expect((await callerOfSession({ name: NAME, token }, options)).userId).toMatch(/^user-[0-9a-f]{24}$/);
});
