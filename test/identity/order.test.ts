import { expect, test } from 'vitest';
import { decodeSettings } from '../../shared/config/decode.ts';
import { settingsSchema } from '../../shared/config/settings.ts';
import { identify } from '../../shared/identity/identity.ts';
import { noKeys } from '../support/keys.ts';
import { sessionOf } from './session-of.ts';

const KEY = 'a-key-of-sixteen-characters';
const SECRET = 'the secret of the front-end';
const principal = Buffer.from(
  JSON.stringify({
    claims: [
      { typ: 'sub', val: 'p-1' },
      { typ: 'roles', val: 'Ops' },
    ],
  }),
).toString('base64');
const all = {
  ACCESS_KEYS: JSON.stringify({ web: { key: KEY } }),
  AUTH_SECRET: SECRET,
  WEBSITE_AUTH_ENABLED: 'True',
  APP_SERVICE_ADMIN_ROLES: 'Ops',
};
const viaOf = async (headers: Record<string, string>, settings: Record<string, string>) =>
  identify(
    { method: 'POST', headers: new Headers({ host: 'app.example', ...headers }) },
    { settings: settingsSchema.parse(settings), keys: noKeys },
  ).then(
    ({ via, role }) => `${via} ${role}`,
    (error: { status: number }) => String(error.status),
  );
const cookie = async () => `authjs.session-token=${await sessionOf({ sub: 'u-1' }, SECRET)}`;

test('the first way of the order that finds its credential decides', async () => {
  const headers = { 'x-functions-key': KEY, cookie: await cookie(), 'x-ms-client-principal': principal };
  expect(await viaOf(headers, all)).toBe('access-key user');
  expect(await viaOf(headers, { ...all, IDENTITY_ORDER: 'app-service,access-key' })).toBe('app-service admin');
  expect(await viaOf(headers, { ...all, IDENTITY_ORDER: 'session' })).toBe('session user');
});

test('a way that is not in the order does not count', async () => {
  expect(await viaOf({ 'x-functions-key': KEY }, { ...all, IDENTITY_ORDER: 'jwt,session' })).toBe('401');
});

test.each([
  ['no page', {}, 'session user'],
  ['a page of this app', { origin: 'https://app.example' }, 'session user'],
  ['an allowed page', { origin: 'https://trails.example' }, 'session user'],
  ['a page of another site', { origin: 'https://evil.example' }, '403'],
  ['a page of nowhere', { origin: 'null' }, '403'],
])('a session for %s', async (_name, headers, found) => {
  expect(await viaOf({ cookie: await cookie(), ...headers }, { ...all, CORS_ORIGINS: 'https://trails.example' })).toBe(
    found,
  );
});

test.each([
  ['no page', {}, 'app-service admin'],
  ['a page of this app', { origin: 'https://app.example' }, 'app-service admin'],
  ['a page of another site', { origin: 'https://evil.example' }, '403'],
])('the sign-in of the platform for %s', async (_name, headers, found) => {
  expect(await viaOf({ 'x-ms-client-principal': principal, ...headers }, all)).toBe(found);
});

test('the header of the platform is not looked at where its sign-in is off', async () => {
  for (const WEBSITE_AUTH_ENABLED of ['False', ''])
    expect(await viaOf({ 'x-ms-client-principal': principal }, { ...all, WEBSITE_AUTH_ENABLED })).toBe('401');
});

test.each([
  ['IDENTITY_ORDER', 'access-key,magic', 'must be of access-key, jwt, session, app-service, development'],
  ['IDENTITY_ORDER', 'jwt,jwt', 'names one way twice'],
  ['JWT_ISSUERS', '[{"issuer":"x","audience":"y","jwksUrl":"http://keys.example"}]', 'must begin with https://'],
  ['JWT_ISSUERS', '[{"issuer":"x","audience":[],"jwksUrl":"https://keys.example"}]', 'JWT_ISSUERS at 0.audience'],
])('a wrong %s is refused: %s', (name, value, problem) => {
  expect(() => decodeSettings({ ...all, [name]: value })).toThrow(problem);
});
