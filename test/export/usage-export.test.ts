import { expect, test } from 'vitest';
import { exportHour } from '../../shared/export/export-hour.ts';
import { createParquetFile, rowsOfParquet } from '../../shared/export/parquet.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { hourOf } from '../../shared/usage/spans.ts';
import type { Dimension } from '../../shared/usage/usage-group.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { random, randomTraffic, trafficProperties } from '../usage/random-traffic.ts';
import { exportedTraffic } from './exported.ts';
import { MemoryStore } from './memory-store.ts';
import { columnOf, readFiles, sumsBy } from './read-files.ts';

const begin = Date.parse('2026-11-21T22:00:00Z');

test.each([1, 2])(
  'files add up to GET /api/usage by each group, whatever happened (seed %i)',
  async (seed) => {
    const next = random(seed);
    const hours = 30;
    const { store, kills, answers } = await exportedTraffic(randomTraffic(next, begin, hours, 400), {
      next,
      begin,
      hours,
    });
    expect(kills).toBeGreaterThan(10);
    expect([...store.files.keys()].some((name) => name.endsWith('part-0001.parquet'))).toBe(true);
    const rows = await readFiles(store);
    expect(rows.filter((row) => row['x_Sign'] === -1).length).toBeGreaterThan(10);
    for (const [dimension, column] of Object.entries(columnOf))
      expect(sumsBy(rows, column), dimension).toEqual(await answers(dimension as Dimension));
  },
  60_000,
);

test('the same hour written twice has the same name and the same bytes', async () => {
  const tables = new MemoryTables();
  const ledger = createLedger(tables, trafficProperties);
  const traffic = randomTraffic(random(3), begin, 1, 40).filter(({ entry }) => entry.outgoing.attempt === 0);
  await ledger.record(traffic.map(({ entry }) => entry));
  const deps = { ledger, createParquetFile, rowsOfParquet, isOver: () => false };
  const one = new MemoryStore();
  const other = new MemoryStore();
  expect(await exportHour({ ...deps, store: one }, hourOf(begin))).toMatchObject({ end: 'done', parts: 1 });
  await exportHour({ ...deps, store: other }, hourOf(begin));
  expect(other.files).toEqual(one.files);
  expect([...one.files.keys()]).toEqual(['day=2026-11-21/hour=22/part-0000.parquet']);
  // Once more: nothing to add.
  expect(await exportHour({ ...deps, store: one }, hourOf(begin))).toEqual({ end: 'done', parts: 0, rows: 0 });
});

test('an hour that is over before its end is gone on with, slice by slice', async () => {
  const tables = new MemoryTables();
  const ledger = createLedger(tables, trafficProperties);
  const traffic = randomTraffic(random(3), begin, 1, 300).filter(({ entry }) => entry.outgoing.attempt === 0);
  await ledger.record(traffic.map(({ entry }) => entry));
  const store = new MemoryStore();
  const whole = new MemoryStore();
  const deps = { ledger, createParquetFile, rowsOfParquet };
  await exportHour({ ...deps, store: whole, isOver: () => false }, hourOf(begin));
  // Files that are as large as those of a busy hour are compared minute by minute.
  const heavy = {
    ...store,
    create: (name: string, bytes: Uint8Array) => store.create(name, bytes),
    read: (name: string) => store.read(name),
    remove: (name: string) => store.remove(name),
    async *list(query?: { prefix?: string }) {
      for await (const part of store.list(query)) yield { ...part, bytes: 200_000_000 };
    },
  };
  const [first] = traffic;
  if (!first) throw new Error('There is no traffic.');
  const few = createLedger(new MemoryTables(), trafficProperties);
  await few.record([first.entry]);
  await exportHour({ ...deps, ledger: few, store: heavy, isOver: () => false }, hourOf(begin));
  let ends = 0;
  for (let end = 'open'; end === 'open'; ends += 1) {
    let looks = 0;
    ({ end } = await exportHour({ ...deps, store: heavy, isOver: () => looks++ > 20 + ends * 20 }, hourOf(begin)));
  }
  expect(ends).toBeGreaterThan(2);
  expect(store.files.size).toBeGreaterThan(2);
  expect(sumsBy(await readFiles(store), 'x_UseCase')).toEqual(sumsBy(await readFiles(whole), 'x_UseCase'));
});
