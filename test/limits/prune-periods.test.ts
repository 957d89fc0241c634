import { expect, test } from 'vitest';
import { type LimitRow, newAllocation, newState } from '../../shared/limits/state/limit-rows.ts';
import { prunePeriods } from '../../shared/limits/state/prune-periods.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { policy } from './helpers.ts';

const before = Date.parse('2026-08-25T03:30:00Z');

test('periods that ended before are deleted, of every policy, and nothing else', async () => {
  const tables = new MemoryTables();
  const limits = tables.open<LimitRow>('limits');
  const old = ['daily:2026-08-24', 'each:2026-08-24:sam', 'gone:2025-01-01', 'monthly:2026-07', 'gone:2025-12:acme'];
  const kept = ['daily:2026-08-25', 'each:2026-08-25:sam', 'monthly:2026-08', 'cap:always', 'cap:always:sam', 'others'];
  for (const limitId of [...old, ...kept]) await limits.insert(newState(limitId));
  await limits.insert(newAllocation('each:2026-08-24:sam', 'an-owner'));
  for (let user = 0; user < 300; user++) await limits.insert(newState(`each:2026-08-01:user-${user}`));
  tables.operations.clear();
  expect(await prunePeriods(limits, [], before, new ManualClock())).toBe(old.length + 1 + 300);
  const left = tables.rows<LimitRow>('limits').map((row) => ('limitId' in row ? row.limitId : ''));
  expect(left.sort()).toEqual([...kept].sort());
  expect(tables.operations.get('transact')).toBeLessThan(50);
  expect(await prunePeriods(limits, [], before, new ManualClock())).toBe(0);
});

test('two runs at once delete the same rows', async () => {
  const tables = new MemoryTables();
  const limits = tables.open<LimitRow>('limits');
  for (const limitId of ['each:2026-08-01:a', 'each:2026-08-01:b']) await limits.insert(newState(limitId));
  await Promise.all([1, 2].map(() => prunePeriods(limits, [], before, new ManualClock())));
  expect(tables.rows('limits')).toEqual([]);
});

test('of minutes and hours those are deleted that ended a day ago', async () => {
  const tables = new MemoryTables();
  const limits = tables.open<LimitRow>('limits');
  const clock = new ManualClock(); // 2026-11-23T12:00Z
  const old = ['each:2026-11-22T1159.1m', 'each:2026-11-21T05.1h:sam'];
  const kept = ['each:2026-11-22T12.1h', 'each:2026-11-21', 'gone:2026-11-21T05.1h'];
  for (const limitId of [...old, ...kept]) await limits.insert(newState(limitId));
  expect(await prunePeriods(limits, [policy({ name: 'each', window: 'hour' })], before, clock)).toBe(old.length);
  const left = tables.rows<LimitRow>('limits').map((row) => ('limitId' in row ? row.limitId : ''));
  expect(left.sort()).toEqual([...kept].sort());
});
