import { expect, test } from 'vitest';
import { InstanceMinutes } from '../../shared/ledger/instance-minutes.ts';
import { createLedger, type Ledger } from '../../shared/ledger/ledger.ts';
import { isPage } from '../../shared/ledger/ledger-page.ts';
import { type LedgerEntry, minuteOfPartition, partitionOf } from '../../shared/ledger/ledger-row.ts';
import { listInstances } from '../../shared/outcomes/list-instances.ts';
import { readInstance } from '../../shared/outcomes/read-instance.ts';
import { shardOf } from '../../shared/tables/shard-of.ts';
import { type RowKey, type Table, type Tables, tableKey } from '../../shared/tables/table.ts';
import { IndexBehindError } from '../../shared/usage/instance-index/index-behind-error.ts';
import { instanceHourRows, minutesInRow, queriesFor } from '../../shared/usage/instance-index/instance-hour-row.ts';
import { createInstanceIndex } from '../../shared/usage/instance-index/instance-index.ts';
import { createLookUp } from '../../shared/usage/instance-index/look-up.ts';
import { openHours } from '../../shared/usage/instance-index/open-hours.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { markedLedger } from '../../shared/usage/rollups/marked-ledger.ts';
import { HOUR_MS, hourOf } from '../../shared/usage/spans.ts';
import type { Clock } from '../../shared/util/clock.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { manualClock, noting, startMs, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { random } from './random-traffic.ts';

const MINUTE = 60_000;
const begin = Date.parse('2026-11-21T22:00:00Z');
/** Clocks of three processes, minutes apart. */
const skews = [-2 * MINUTE, 0, 2 * MINUTE];

class Killed extends Error {}

const marksOf = (tables: Tables, clock: Clock) =>
  createLateMarks({ tables, clock, telemetry: noting(), keptDays: 90, marksFor: 'late-index' });

function openIndex(tables: Tables, clock: Clock, memory: Tables = tables) {
  const ledger = createLedger(memory);
  return createInstanceIndex({ tables, ledger, marks: marksOf(tables, clock), clock, telemetry: noting() });
}

/** A release that wrote a row of the index for each instance and minute, and pages that do not name their instances. */
function olderLedger(tables: MemoryTables): Pick<Ledger, 'record'> {
  const ledger = createLedger({
    open<R extends RowKey>(name: string): Table<R> {
      const table = tables.open<R>(name);
      return { ...table, upsert: (row) => table.upsert({ ...row, instances: undefined }) };
    },
  });
  const index = tables.open<RowKey & { minute: string }>('instanceevents');
  return {
    async record(entries) {
      for (const { outgoing } of entries) {
        const { eventId, useCase } = outgoing.event;
        const minute = minuteOfPartition(partitionOf(eventId));
        const instance = tableKey(`${useCase.name} ${useCase.id}`);
        await index.upsert({ partitionKey: String(shardOf(instance, 4)), rowKey: `${instance}!${minute}`, minute });
      }
      await ledger.record(entries);
    },
  };
}

const entryOf = (id: string, atMs: number, change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  outgoing: {
    event: usageEvent({ eventId: uuidV7(atMs), useCase: { name: 'chat', id } }),
    attempt: change.tried ? 1 : 0,
    remaining: 'all',
  },
  tried: false,
  state: 'ingested',
  outcome: 'accepted',
  atMs,
  ...change,
});

test.each([1, 2, 3])('an instance has all minutes of its events, whatever happened (seed %i)', async (seed) => {
  const next = random(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  const tables = new MemoryTables();
  let nowMs = begin;
  let killAfter = Number.POSITIVE_INFINITY;
  const mortal = tables.client({
    before: async (operation) => {
      if (operation === 'get' || operation === 'query') return 'answered';
      if (killAfter-- <= 0) throw new Killed();
      return killAfter <= 0 ? pick(['unsent', 'lost'] as const) : 'answered';
    },
  });
  const processes = skews.map((skew) => {
    const clock = { now: () => nowMs + skew, sleep: async () => undefined };
    return {
      writer: markedLedger(createLedger(tables), marksOf(tables, clock)) as Pick<Ledger, 'record'>,
      reader: openIndex(tables, clock),
      folder: openIndex(mortal, clock, tables),
    };
  });
  const older = olderLedger(tables);
  const HOURS = 30;
  const traffic = Array.from({ length: 400 }, () => {
    const calledMs = Math.floor(begin + next() * HOURS * HOUR_MS);
    const id = pick([`run-${Math.floor(next() * 40)}`, uuidV7(calledMs - Math.floor(next() * 9 * MINUTE))]);
    const delayMs = next() < 0.75 ? next() * 20_000 : next() * 12 * HOUR_MS;
    return { entry: entryOf(id, calledMs, { tried: next() < 0.2 }), atMs: calledMs + delayMs };
  });
  const known = new Map<string, Set<string>>();
  let kills = 0;
  let asked = 0;
  for (; nowMs < begin + (HOURS + 16) * HOUR_MS; nowMs += 30 * MINUTE) {
    const due = traffic.filter(({ atMs }) => atMs > nowMs - 30 * MINUTE && atMs <= nowMs).map(({ entry }) => entry);
    // Both releases ingest at first.
    const { writer } = pick(processes);
    await (nowMs < begin + 12 * HOUR_MS && next() < 0.5 ? older : writer).record(due);
    for (const { outgoing } of due) {
      const { eventId, useCase } = outgoing.event;
      const minutes = known.get(useCase.id) ?? new Set();
      known.set(useCase.id, minutes.add(minuteOfPartition(partitionOf(eventId))));
    }
    const runs = next() < 0.2 ? [pick(processes), pick(processes)] : [pick(processes)];
    killAfter = next() < 0.4 ? Math.floor(next() * 6) : Number.POSITIVE_INFINITY;
    // Sometimes the fold is hours late, sometimes two run at once.
    if (next() < 0.7)
      for (const end of await Promise.allSettled(runs.map(({ folder }) => folder.fold())))
        if (end.status === 'rejected') kills += 1;
    if (next() < 0.1) await lose(tables);
    if (next() < 0.4) {
      asked += 1;
      const lookUp = pick(processes).reader.lookUp();
      for (const [id, minutes] of known) {
        const found = await lookUp.minutesOf('chat', id);
        expect(found.isWhole).toBe(true);
        expect(found.minutes, id).toEqual(expect.arrayContaining([...minutes]));
      }
    }
  }
  expect(kills).toBeGreaterThan(5);
  expect(asked).toBeGreaterThan(20);

  /** The table is lost, and rebuilt while the app runs. */
  async function lose(from: MemoryTables): Promise<void> {
    const table = from.open('instanceevents');
    for (const row of from.rows('instanceevents')) await table.remove(row);
    await pick(processes).reader.foldAgain();
  }
});

test('a look-up costs few requests, also when the fold is months late', async () => {
  const tables = new MemoryTables();
  const clock = manualClock(startMs);
  const ledger = createLedger(tables);
  const index = openIndex(tables, clock);
  const requestsOf = async () => {
    const before = tables.requests;
    const { minutes, isWhole } = await index.lookUp().minutesOf('chat', 'run-1');
    return { requests: tables.requests - before, minutes: minutes.length, isWhole };
  };
  await ledger.record([entryOf('run-1', startMs)]);
  for (let day = 1; day <= 89; day++) await ledger.record([entryOf('run-1', startMs + day * 24 * HOUR_MS)]);
  clock.nowMs = startMs + 89 * 24 * HOUR_MS;
  // Marks, state, 4 for the earliest hour, 4 for each of 11 times, 3 of the index.
  expect(await requestsOf()).toEqual({ requests: 53, minutes: 90, isWhole: true });
  expect(await index.fold()).toBeGreaterThan(2_000);
  // The open hours are one time.
  expect(await requestsOf()).toEqual({ requests: 9, minutes: 90, isWhole: true });
});

test('a run ends after a minute, and the next one goes on where it stopped', async () => {
  const tables = new MemoryTables();
  const clock = manualClock(startMs);
  await createLedger(tables).record([entryOf('run-1', startMs)]);
  clock.nowMs = startMs + 20 * 24 * HOUR_MS;
  const slow = tables.client({
    before: async () => {
      clock.nowMs += 100;
      return 'answered';
    },
  });
  const runs: number[] = [];
  // Each run is of a process of its own.
  for (let hours = -1; hours !== 0; runs.push(hours)) hours = await openIndex(slow, clock, tables).fold();
  expect(runs.slice(0, -1).every((hours) => hours > 0 && hours < 300)).toBe(true);
  // The last hour has not ended for long enough.
  expect(runs.reduce((sum, hours) => sum + hours)).toBe(20 * 24 - 1);
  expect((await openIndex(tables, clock).lookUp().minutesOf('chat', 'run-1')).minutes).toEqual(['2026-11-23T10:00']);
});

test('what a look-up reads of the ledger is bounded, and what is missing is said', async () => {
  const tables = new MemoryTables();
  const clock = manualClock(startMs);
  const ledger = createLedger(tables);
  await ledger.record([entryOf('run-1', startMs)]);
  const page = tables.rows('ledger').find(isPage);
  let rows = 0;
  const endless = {
    async *query() {
      for (; rows < 1_000_000; rows++) yield page as never;
    },
  };
  const none = { async *query() {} };
  const deps = {
    rows: none,
    oldRows: none,
    events: endless,
    store: { foldedBefore: async () => undefined },
    ledger,
    marks: marksOf(tables, clock),
    clock,
  };
  const found = await createLookUp(deps).minutesOf('chat', 'run-1');
  expect(found).toEqual({ minutes: ['2026-11-23T10:00'], isWhole: false });
  expect(rows).toBeLessThan(100_010);

  const instanceIndex = { lookUp: () => ({ minutesOf: async () => found }) };
  const outcomes = { ledger, instanceIndex, instances: { find: async () => undefined }, policies: [] };
  const admin = { userId: 'op', role: 'admin' as const, via: 'access-key' as const };
  expect(await readInstance(outcomes, admin, { name: 'chat', id: 'run-1' })).toMatchObject({ requests: 1, more: true });
  const usage = {
    async *hoursWith() {
      yield hourOf(startMs);
    },
  };
  const query = { useCaseName: 'chat', from: hourOf(startMs), before: hourOf(startMs + HOUR_MS), limit: 10 };
  await expect(listInstances({ ...outcomes, usage }, query as never)).rejects.toThrow(IndexBehindError);
});

test.each([
  ['the open hour', { from: '2026-11-23T10' }, ['23T10-9999']],
  ['hours that ended a moment ago', { from: '2026-11-23T09' }, ['23T09-9999']],
  ['the latest first', { from: '2026-11-22T10' }, ['23T08-9999', '23T04-23T08', '22T20-23T04', '22T10-22T20']],
  [
    'marked hours, neighbours at once',
    { from: '2026-11-23T10', marked: ['2026-11-22T23', '2026-11-20T05', '2026-11-23T00', '2026-11-23T10'] },
    ['23T10-9999', '22T23-23T01', '20T05-20T06'],
  ],
  [
    'twelve times of marked hours at most, with what lies between',
    {
      from: '2026-11-23T10',
      marked: Array.from(
        { length: 24 },
        (_, n) => `2026-11-${String(n < 12 ? n + 1 : n - 11).padStart(2, '0')}T${n < 12 ? '03' : '06'}`,
      ),
    },
    [
      '23T10-9999',
      ...Array.from({ length: 12 }, (_, n) => String(12 - n).padStart(2, '0')).map((day) => `${day}T03-${day}T07`),
    ],
  ],
])('open are %s', (_what, times, expected) => {
  const found = [...openHours({ nowHour: '2026-11-23T10', marked: [], ...times })];
  expect(found.map(({ from, before }) => `${from.slice(8)}-${before.slice(before === '9999' ? 0 : 8)}`)).toEqual(
    expected,
  );
});

test.each([
  ['64 rows where there are few', 500, 64],
  ['4,096 rows where there are many', 30_000, 4_096],
])('an hour is written in %s, the same each time', (_what, instances, most) => {
  const hash = (n: number) =>
    Buffer.from(String(n * 7_919).padStart(6, '0'))
      .toString('base64url')
      .slice(-8);
  const hashes = Array.from({ length: instances }, (_, n) => hash(n));
  const write = (order: string[]) => {
    const minutes = new InstanceMinutes();
    for (const [n, one] of order.entries())
      minutes.add(`2026-11-23T10:0${(order === hashes ? n : instances - 1 - n) % 10}`, one);
    return instanceHourRows('2026-11-23T10', minutes);
  };
  const rows = write(hashes);
  expect(rows.length).toBeLessThanOrEqual(most);
  const sorted = (some: typeof rows) => some.map(({ rowKey }) => rowKey).sort();
  expect(sorted(write(hashes.toReversed()))).toEqual(sorted(rows));
  for (const n of [0, 1, instances - 1]) {
    const asked = queriesFor(hash(n));
    const found = rows.filter(({ rowKey }) => asked.some(({ from, before }) => rowKey >= from && rowKey < before));
    expect(found.flatMap((row) => minutesInRow(row, hash(n)))).toContain(`2026-11-23T10:0${n % 10}`);
  }
});
