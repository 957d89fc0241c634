import { expect, test } from 'vitest';
import { exportHour } from '../../shared/export/export-hour.ts';
import { createParquetFile, rowsOfParquet } from '../../shared/export/parquet.ts';
import { createUsageExport } from '../../shared/export/usage-export.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { markedLedger } from '../../shared/usage/rollups/marked-ledger.ts';
import { hourOf } from '../../shared/usage/spans.ts';
import type { Dimension } from '../../shared/usage/usage-group.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { noting, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { random, randomTraffic, trafficProperties } from '../usage/random-traffic.ts';
import { exportedTraffic } from './exported.ts';
import { MemoryStore } from './memory-store.ts';
import { columnOf, readFiles, sumsBy } from './read-files.ts';

const HOUR = 3_600_000;
const begin = Date.parse('2026-11-21T22:00:00Z');

test.each([1, 2])('files add up to GET /api/usage by each group, whatever happened (seed %i)', async (seed) => {
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
});

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
  expect(await exportHour({ ...deps, store: one }, hourOf(begin))).toMatchObject({ end: 'done', parts: 0, rows: 0 });
});

/** A store whose files look as large as those of a busy hour, so that they are compared minute by minute. */
class HeavyStore extends MemoryStore {
  override async *list(query?: { prefix?: string; from?: string }) {
    for await (const part of super.list(query)) yield { ...part, bytes: 200_000_000 };
  }
}

test('an hour that takes longer than a run is gone on with where the last one stopped', async () => {
  const tables = new MemoryTables();
  let nowMs = begin + 3 * HOUR;
  let stepMs = 0;
  const clock = {
    now: () => {
      nowMs += stepMs;
      return nowMs;
    },
    sleep: async () => undefined,
  };
  const telemetry = noting();
  const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90, marksFor: 'late-export' });
  const ledger = markedLedger(createLedger(tables, trafficProperties), marks);
  const traffic = randomTraffic(random(3), begin, 1, 300);
  await ledger.record(traffic.filter(({ entry }) => !entry.tried).map(({ entry }) => entry));
  const store = new HeavyStore();
  const files = async () => ({ store, createParquetFile, rowsOfParquet });
  const exporter = createUsageExport({ tables, ledger, marks, files, clock, telemetry });
  const runs = async (): Promise<number> => {
    stepMs = 1_500;
    let count = 1;
    while ((await exporter.run()).backlog > 0) count += 1;
    stepMs = 0;
    return count;
  };
  await runs();
  const before = store.files.size;
  await ledger.record(traffic.filter(({ entry }) => entry.tried).map(({ entry }) => entry));
  nowMs += HOUR;
  const count = await runs();
  // 60 minutes, of which a run compares some 28.
  expect([count > 2, count < 8]).toEqual([true, true]);
  expect(store.files.size).toBeGreaterThan(before + 1);
  expect(await marks.list()).toEqual([]);
  const whole = new MemoryStore();
  const deps = { ledger, createParquetFile, rowsOfParquet, isOver: () => false };
  await exportHour({ ...deps, store: whole }, hourOf(begin));
  for (const column of Object.values(columnOf))
    expect(sumsBy(await readFiles(store), column)).toEqual(sumsBy(await readFiles(whole), column));
});

test('what is odd in an event is in the file as the ledger has it, so that comparing adds nothing', async () => {
  const ledger = createLedger(new MemoryTables(), trafficProperties);
  const odd = [
    { resource: 'half \ud83d', units: {}, estimatedCost: null },
    { resource: '🥾', useCase: { name: 'x', id: 'y', version: 3_000_000_000 }, estimatedCost: Number.MAX_SAFE_INTEGER },
    { units: { text: { input: 2_147_483_647, output: 2_147_483_647 }, image: { input: 2_147_483_647 } } },
  ];
  const entries = odd.map((change) => ({
    outgoing: { event: usageEvent({ eventId: uuidV7(begin), ...change }), attempt: 0, remaining: 'all' as const },
    tried: false,
    state: 'ingested' as const,
    outcome: 'accepted',
    costNanoUsd: 999_999_999_999_999_999n,
    atMs: begin,
  }));
  await ledger.record(entries);
  const store = new MemoryStore();
  const deps = { ledger, store, createParquetFile, rowsOfParquet, isOver: () => false };
  expect(await exportHour(deps, hourOf(begin))).toMatchObject({ parts: 1, rows: 3 });
  expect(await exportHour(deps, hourOf(begin))).toMatchObject({ parts: 0, rows: 0 });
  const rows = await readFiles(store);
  expect(rows.map((row) => row['gen_ai_response_model']).sort()).toEqual(['claude-sonnet-5-5', 'half \ufffd', '🥾']);
  expect(rows.map((row) => row['x_PayiCost'])).toEqual(Array(3).fill(999_999_999_999_999_999n));
  expect(rows.find((row) => row['x_UseCaseVersion'] === 3_000_000_000)?.['BilledCost']).toBe(9_007_199_254_740_991n);
  expect(rows.find((row) => row['gen_ai_usage_output_tokens'] === 2_147_483_647)).toMatchObject({
    gen_ai_usage_input_tokens: 4_294_967_294,
  });
});
