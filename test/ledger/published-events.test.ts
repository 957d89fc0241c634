import { expect, test } from 'vitest';
import { createPublishedEvents } from '../../shared/ledger/published-events.ts';
import { all, manualClock, noting } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

function begin() {
  const tables = new MemoryTables();
  const clock = manualClock();
  const telemetry = noting();
  return { tables, clock, telemetry, register: createPublishedEvents(tables, clock, telemetry) };
}

const ids = (from: number, count: number) => Array.from({ length: count }, (_, n) => `event-${from + n}`);

test('every event that was written down is reported by its day, once', async () => {
  const { register, clock } = begin();
  for (let send = 0; send < 10; send++) await register.add(ids(send * 100, 100));
  clock.nowMs += 24 * 3_600_000;
  await register.add(ids(1_000, 1_500));
  expect((await all(register.since('2026-11-23'))).sort()).toEqual(ids(0, 2_500).sort());
  expect((await all(register.since('2026-11-24'))).sort()).toEqual(ids(1_000, 1_500).sort());
});

test('what could not be written goes with the next send, and nothing is thrown', async () => {
  const { register, tables, telemetry } = begin();
  tables.fate = () => 'busy';
  await register.add(ids(0, 5));
  await register.add(ids(5, 5));
  expect(telemetry.notes).toHaveLength(2);
  tables.fate = () => 'answered';
  await register.add(ids(10, 5));
  expect((await all(register.since('2026-11-23'))).sort()).toEqual(ids(0, 15).sort());
});

test('what is carried is bounded, and what is left out is counted', async () => {
  const { register, tables, telemetry } = begin();
  tables.fate = () => 'busy';
  await register.add(ids(0, 50_010));
  const lost = telemetry.notes.find(({ event }) => event === 'events-never-registered');
  expect(lost?.fields).toEqual({ by: 10 });
  tables.fate = () => 'answered';
  await register.add([]);
  expect(await all(register.since('2026-11-23'))).toHaveLength(50_000);
});

test('days before the retention are deleted', async () => {
  const { register, clock } = begin();
  await register.add(ids(0, 10));
  clock.nowMs += 24 * 3_600_000;
  await register.add(ids(10, 10));
  expect(await register.prune('2026-11-24')).toBe(1);
  expect((await all(register.since('2026-01-01'))).sort()).toEqual(ids(10, 10).sort());
});
