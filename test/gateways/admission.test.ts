import { describe, expect, test } from 'vitest';
import { settingsSchema } from '../../shared/config/settings.ts';
import { identifyAtGateway, identifyAtProxy, identifyByPath } from '../../shared/gateways/admission.ts';
import { createKeyService } from '../../shared/identity/keys/key-service.ts';
import { noKeys } from '../support/keys.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { recording } from '../support/recording.ts';

const KEY = 'a-key-of-sixteen-characters';
const PATH_KEY = 'a-key-that-stands-in-paths';
const accessKeys = JSON.stringify({ web: { key: KEY, role: 'admin' }, proxy: { key: PATH_KEY, only: 'path' } });
const closed = settingsSchema.parse({ ACCESS_KEYS: accessKeys });
const open = settingsSchema.parse({ ACCESS_KEYS: accessKeys, GATEWAY_ANONYMOUS: 'true' });
const laptop = settingsSchema.parse({ DEV_IDENTITY: 'dev' });

const route = { method: 'POST', path: '/analyze', access: 'user' } as const;
type Identify = typeof identifyAtGateway;
async function viaOf(identify: Identify, headers: Record<string, string>, settings = closed): Promise<string> {
  try {
    return (
      await identify(
        { method: 'POST', headers: new Headers({ host: 'localhost', ...headers }) },
        { settings, keys: noKeys },
        route,
      )
    ).via;
  } catch (error) {
    return String((error as { status: number }).status);
  }
}

const right = [{ 'x-functions-key': KEY }, { authorization: `Bearer ${KEY}` }, { 'x-api-key': KEY }];
const wrong = [
  { 'x-functions-key': 'wrong' },
  { authorization: 'Bearer wrong' },
  { authorization: 'Basic wrong' },
  { 'x-api-key': 'wrong' },
  { 'x-api-key': '' },
  { 'x-functions-key': PATH_KEY },
  { 'x-api-key': PATH_KEY },
];

describe.each([
  ['the Anthropic gateway', identifyAtGateway],
  ['the payi-proxy', identifyAtProxy],
])('%s', (_name, identify) => {
  test.each(right)('admits %o', async (headers) => {
    expect(await viaOf(identify, headers)).toBe('access-key');
    expect(await viaOf(identify, headers, open)).toBe('access-key');
  });

  test.each(wrong)('refuses %o, also where callers without a credential are admitted', async (headers) => {
    expect(await viaOf(identify, headers)).toBe('401');
    expect(await viaOf(identify, headers, open)).toBe('401');
  });

  test('on a laptop, takes whatever key an SDK must send, and no other credential', async () => {
    for (const headers of [{}, { 'x-api-key': 'any' }, { authorization: 'Bearer any' }])
      expect(await viaOf(identify, headers, laptop)).toBe('development');
    expect(await viaOf(identify, { 'x-functions-key': 'any' }, laptop)).toBe('401');
  });
});

test('GATEWAY_ANONYMOUS admits callers of the payi-proxy, and nobody else', async () => {
  expect(await viaOf(identifyAtProxy, {}, open)).toBe('anonymous');
  expect(await viaOf(identifyAtProxy, {}, closed)).toBe('401');
  expect(await viaOf(identifyAtGateway, {}, open)).toBe('401');
});

test('a path admits the key that is made for it, as a user, and no other', () => {
  expect(identifyByPath(PATH_KEY, closed)).toEqual({
    userId: 'proxy',
    role: 'user',
    via: 'access-key',
    key: { name: 'proxy', namesUsers: true },
  });
  for (const other of [KEY, 'wrong', '']) expect(() => identifyByPath(other, open)).toThrow('Authentication required');
});

describe('a key that is kept as a record', () => {
  const clock = new ManualClock();
  const keys = createKeyService({ tables: new MemoryTables(), clock, telemetry: recording().telemetry, taken: [] });
  const made = keys.create({ name: 'sdk', role: 'user', namesUsers: false, routes: ['POST /analyze'] }, 'op');
  const callerOf = async (headers: Record<string, string>, settings = closed, path = '/analyze') =>
    identifyAtProxy(
      { method: 'POST', headers: new Headers({ host: 'localhost', ...headers }) },
      { settings, keys },
      { ...route, path },
    );

  test.each(['x-functions-key', 'x-api-key', 'authorization'])('counts in %s, also on a laptop', async (header) => {
    const { key } = await made;
    const value = header === 'authorization' ? `Bearer ${key}` : key;
    for (const settings of [closed, open, laptop]) {
      expect(await callerOf({ [header]: value }, settings)).toMatchObject({ userId: 'sdk', key: { name: 'sdk' } });
      await expect(callerOf({ [header]: value }, settings, '/judge')).rejects.toMatchObject({ status: 403 });
    }
    await expect(callerOf({ [header]: `${value}x` })).rejects.toMatchObject({ status: 401 });
  });

  test('stands in no path', async () => {
    expect(() => identifyByPath('tmk_sdk_x', closed)).toThrow('Authentication required');
    const { key } = await made;
    expect(() => identifyByPath(key, closed)).toThrow('Authentication required');
  });
});
