import { beforeEach, describe, expect, test } from 'vitest';
import type { KeyRow } from '../../shared/identity/keys/key-book.ts';
import { createKeyService, type KeyService } from '../../shared/identity/keys/key-service.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { recording } from '../support/recording.ts';

const MINUTE = 60_000;
const plain = { role: 'user', namesUsers: false } as const;

let tables: MemoryTables;
let clock: ManualClock;
let here: KeyService;
let there: KeyService;
beforeEach(() => {
  tables = new MemoryTables();
  clock = new ManualClock();
  const instance = () =>
    createKeyService({ tables, clock, telemetry: recording().telemetry, taken: ['from-the-setting'] });
  here = instance();
  there = instance();
});

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: { status: number; code: string }) => `${error.status} ${error.code}`,
  );
const reads = () => tables.operations.get('query') ?? 0;

test('a key is shown once and kept as a hash', async () => {
  const { key, after } = await here.create({ name: 'mobile-app', ...plain }, 'op');
  expect(key).toMatch(/^tmk_mobile-app_[\w-]{43}$/);
  const secret = key.slice('tmk_mobile-app_'.length);
  expect(JSON.stringify([after, await here.list(), await here.show('mobile-app')])).not.toContain(secret);
  const [row] = tables.rows<KeyRow>('accesskeys');
  expect(row?.record).not.toContain(secret);
  expect(JSON.stringify([await here.list()])).not.toContain('hash');
  expect(await here.holderOf(key)).toMatchObject({ name: 'mobile-app', role: 'user', createdBy: 'op' });
});

test('another secret, another name and other texts are nobody’s keys', async () => {
  const { key } = await here.create({ name: 'app', ...plain }, 'op');
  const other = (await here.create({ name: 'other', ...plain }, 'op')).key;
  const changed = `${key.slice(0, -2)}${key.endsWith('AA') ? 'BB' : 'AA'}`;
  const swapped = `tmk_app_${other.slice('tmk_other_'.length)}`;
  for (const text of [changed, swapped, `${key} `, key.slice(0, -1), 'tmk_app_', '', 'x'.repeat(100_000)])
    expect(await here.holderOf(text)).toBeUndefined();
});

test('a name is one caller’s for ever', async () => {
  await here.create({ name: 'app', ...plain }, 'op');
  await here.revoke('app');
  expect(await errorOf(there.create({ name: 'app', ...plain }, 'op'))).toBe('409 key_exists');
  expect(await errorOf(there.create({ name: 'from-the-setting', ...plain }, 'op'))).toBe('409 key_exists');
});

describe('on another instance', () => {
  test('a new key counts after a second at most', async () => {
    await there.holderOf('tmk_none_'.padEnd(52, 'x'));
    const { key } = await here.create({ name: 'app', ...plain }, 'op');
    await clock.pass(1_000);
    expect(await there.holderOf(key)).toMatchObject({ name: 'app' });
  });

  test('a revoked key stops within a minute, however often it is used', async () => {
    const { key } = await here.create({ name: 'app', ...plain }, 'op');
    await there.holderOf(key);
    await here.revoke('app');
    expect(await errorOf(here.holderOf(key))).toBe('401 invalid_credential');
    let stoppedAfterMs = 0;
    for (let ms = 0; ms <= MINUTE && stoppedAfterMs === 0; ms += 1_000) {
      if ((await errorOf(there.holderOf(key))) !== 'none') stoppedAfterMs = ms;
      await clock.pass(1_000);
    }
    expect(stoppedAfterMs).toBeGreaterThan(0);
    expect(stoppedAfterMs).toBeLessThan(MINUTE);
  });

  test('a revoked key stops within a minute also when it was not used between', async () => {
    const { key } = await here.create({ name: 'app', ...plain }, 'op');
    await there.holderOf(key);
    await here.revoke('app');
    await clock.pass(50_000);
    expect(await errorOf(there.holderOf(key))).toBe('401 invalid_credential');
  });

  test('keys are not believed for ever while the table can’t be read', async () => {
    const { key } = await here.create({ name: 'app', ...plain }, 'op');
    await there.holderOf(key);
    tables.fate = () => 'busy';
    await clock.pass(49_000);
    expect(await there.holderOf(key)).toMatchObject({ name: 'app' });
    await clock.pass(1_000);
    expect(await errorOf(there.holderOf(key))).toBe('503 identity_unavailable');
    tables.fate = () => 'answered';
    expect(await there.holderOf(key)).toMatchObject({ name: 'app' });
  });
});

test('wrong keys cost at most one read a second', async () => {
  const before = reads();
  for (let second = 0; second < 5; second++) {
    await Promise.all(Array.from({ length: 200 }, (_, index) => here.holderOf(`tmk_guess-${index}_${'x'.repeat(43)}`)));
    await clock.pass(1_000);
  }
  expect(reads() - before).toBeLessThanOrEqual(6);
  for (let index = 0; index < 200; index++) await here.holderOf(`other-${index}`);
  expect(reads() - before).toBeLessThanOrEqual(6);
});

test('a key ends at its time', async () => {
  const expiresAt = new Date(clock.now() + MINUTE).toISOString();
  const { key } = await here.create({ name: 'app', ...plain, expiresAt }, 'op');
  await clock.pass(MINUTE - 1);
  expect(await here.holderOf(key)).toMatchObject({ name: 'app' });
  await clock.pass(1);
  expect(await errorOf(here.holderOf(key))).toBe('401 invalid_credential');
  expect((await here.show('app')).state).toBe('expired');
  await here.change('app', { expiresAt: null });
  expect(await here.holderOf(key)).toMatchObject({ name: 'app' });
  expect(await errorOf(here.change('app', { expiresAt: new Date(clock.now()).toISOString() }))).toBe(
    '400 invalid_request',
  );
});

test('two secrets are valid while a key is rotated', async () => {
  const first = (await here.create({ name: 'app', ...plain }, 'op')).key;
  const second = (await here.rotate('app', 2)).key;
  for (const key of [first, second]) expect(await here.holderOf(key)).toMatchObject({ name: 'app' });
  expect(await errorOf(here.rotate('app', 2))).toBe('409 key_has_two_secrets');
  await clock.pass(120 * MINUTE);
  expect(await here.holderOf(first)).toBeUndefined();
  const third = (await here.rotate('app', 2)).key;
  const fourth = (await here.rotate('app', 0)).key;
  for (const key of [first, second, third]) expect(await here.holderOf(key)).toBeUndefined();
  expect(await here.holderOf(fourth)).toMatchObject({ name: 'app' });
});

test('changes say what was before; null takes a restriction away', async () => {
  await here.create({ name: 'app', ...plain, useCases: ['trail_finder'] }, 'op');
  const { before, after } = await here.change('app', { useCases: null, models: ['claude-haiku-5-5'], role: 'admin' });
  expect(before).toMatchObject({ role: 'user', useCases: ['trail_finder'] });
  expect(after).toMatchObject({ role: 'admin', models: ['claude-haiku-5-5'] });
  expect(after).not.toHaveProperty('useCases');
});

test('a revoked key stays revoked', async () => {
  await here.create({ name: 'app', ...plain }, 'op');
  const { after } = await here.revoke('app');
  await clock.pass(MINUTE);
  expect((await here.revoke('app')).after).toEqual(after);
  expect(await errorOf(here.change('app', { role: 'admin' }))).toBe('409 key_revoked');
  expect(await errorOf(here.rotate('app', 0))).toBe('409 key_revoked');
});

test.each(['nobody', '../x', 'A', ''])('the key %o is not found', async (name) => {
  for (const work of [here.show(name), here.revoke(name), here.rotate(name, 0), here.change(name, {})])
    expect(await errorOf(work)).toBe('404 not_found');
});

test('changes at the same time are made one after the other', async () => {
  await here.create({ name: 'app', ...plain }, 'op');
  await Promise.all([here.change('app', { models: ['a'] }), there.change('app', { useCases: ['b'] })]);
  expect(await here.show('app')).toMatchObject({ models: ['a'], useCases: ['b'] });
});

test('a record that says more than this release understands opens nothing', async () => {
  const { key } = await here.create({ name: 'app', ...plain }, 'op');
  const [row] = tables.rows<KeyRow>('accesskeys');
  const record = { ...JSON.parse(row?.record ?? '{}'), onlyOnMondays: true };
  await tables.open<KeyRow>('accesskeys').upsert({ ...(row as KeyRow), record: JSON.stringify(record) });
  expect(await there.holderOf(key)).toBeUndefined();
});
