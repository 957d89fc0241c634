import { describe, expect, test } from 'vitest';
import { settingsSchema } from '../../shared/config/settings.ts';
import { identify } from '../../shared/identity/identity.ts';
import { noKeys } from '../support/keys.ts';

const PAGE = 'http://localhost:3636';
const settings = settingsSchema.parse({ DEV_IDENTITY: 'dev:admin', CORS_ORIGINS: PAGE });
const KEY = 'a-key-of-sixteen-characters';
const keyed = settingsSchema.parse({ DEV_IDENTITY: 'dev:admin', ACCESS_KEYS: JSON.stringify({ web: { key: KEY } }) });

async function statusOf(headers: Record<string, string>, method = 'POST', own = settings): Promise<number> {
  try {
    await identify(
      { method, headers: new Headers({ host: '127.0.0.1:7071', ...headers }) },
      { settings: own, keys: noKeys },
    );
    return 200;
  } catch (error) {
    return (error as { status: number }).status;
  }
}

test('is who the setting says, with the role that it says', async () => {
  const caller = await identify(
    { method: 'GET', headers: new Headers({ host: 'localhost' }) },
    { settings, keys: noKeys },
  );
  expect(caller).toEqual({ userId: 'dev', role: 'admin', via: 'development' });
});

describe('only for hosts of this machine', () => {
  test.each([
    '127.0.0.1',
    '127.0.0.1:7071',
    'localhost:7071',
    'LOCALHOST',
    'app.localhost:80',
    '[::1]:7071',
    '127.9.9.9',
  ])('%s', async (host) => expect(await statusOf({ host })).toBe(200));

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '',
    'evil.example:127.0.0.1',
  ])('not %s', async (host) => expect(await statusOf({ host })).toBe(401));
});

describe('only for pages of this app and of allowed origins', () => {
  test.each([PAGE, 'http://127.0.0.1:7071'])('%s', async (origin) => expect(await statusOf({ origin })).toBe(200));

  test.each(['https://evil.example', 'null', 'http://127.0.0.1:9999', 'http://localhost:7071'])(
    'not %s',
    async (origin) => expect(await statusOf({ origin })).toBe(401),
  );
});

describe('only for bodies that say what they are', () => {
  test.each<[string, Record<string, string>, number]>([
    ['JSON', { 'content-type': 'application/json; charset=utf-8', 'content-length': '2' }, 200],
    ['a form', { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '2' }, 200],
    ['no body', {}, 200],
    ['an empty body', { 'content-length': '0' }, 200],
    ['text', { 'content-type': 'text/plain', 'content-length': '2' }, 415],
    ['an encoded form', { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '2' }, 415],
    ['a body without a type', { 'content-length': '2' }, 415],
  ])('%s', async (_name, headers, status) => expect(await statusOf(headers)).toBe(status));
});

test('never for a request with a credential: it cannot be valid', async () => {
  for (const headers of [{ 'x-functions-key': 'any' }, { authorization: 'Bearer any' }, { 'x-api-key': 'any' }])
    expect(await statusOf(headers)).toBe(401);
});

test('off as soon as there are access keys', async () => {
  expect(await statusOf({}, 'GET', keyed)).toBe(401);
  expect(await statusOf({ 'x-functions-key': KEY }, 'GET', keyed)).toBe(200);
});
