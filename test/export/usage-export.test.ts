import { expect, test } from 'vitest';
import { exportHour } from '../../shared/export/export-hour.ts';
import { createParquetFile, rowsOfParquet } from '../../shared/export/parquet.ts';
import { createUsageExport } from '../../shared/export/usage-export.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { UsageQuery } from '../../shared/usage/answers/usage-query.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { markedLedger } from '../../shared/usage/rollups/marked-ledger.ts';
import { hourOf } from '../../shared/usage/spans.ts';
import type { Dimension } from '../../shared/usage/usage-group.ts';
import { createUsageService } from '../../shared/usage/usage-service.ts';
import { noting } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { random, randomTraffic, trafficProperties } from '../usage/random-traffic.ts';
import { MemoryStore } from './memory-store.ts';
import { columnOf, readFiles, sumsBy } from './read-files.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const begin = Date.parse('2026-11-21T22:00:00Z');
const HOURS = 30;
const skews = [-2 * MINUTE, 0, 2 * MINUTE];

class Killed extends Error {}

test.each([1, 2])(
  'files add up to GET /api/usage by each group, whatever happened (seed %i)',
  async (seed) => {
    const next = random(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
    const tables = new MemoryTables();
    const store = new MemoryStore();
    const telemetry = noting();
    const ledger = createLedger(tables, trafficProperties);
    let nowMs = begin;
    let killAfter = Number.POSITIVE_INFINITY;
    const die = () => {
      if (killAfter-- <= 0) throw new Killed();
      return killAfter <= 0 ? pick(['unsent', 'lost'] as const) : 'answered';
    };
    const mortal = tables.client({
      before: async (operation) => (operation === 'get' || operation === 'query' ? 'answered' : die()),
    });
    store.fate = die;
    const processes = skews.map((skew) => {
      const clock = { now: () => nowMs + skew, sleep: async () => undefined };
      const marksOf = (from: typeof mortal) =>
        createLateMarks({ tables: from, clock, telemetry, keptDays: 90, marksFor: 'late-export' });
      const files = async () => ({ store, createParquetFile, rowsOfParquet });
      return {
        ledger: markedLedger(ledger, marksOf(tables)),
        exporter: createUsageExport({ tables: mortal, ledger, marks: marksOf(mortal), files, clock, telemetry }),
      };
    });
    const traffic = randomTraffic(next, begin, HOURS, 400);
    let kills = 0;
    for (; nowMs < begin + (HOURS + 30) * HOUR; nowMs += 30 * MINUTE) {
      const due = traffic.filter(({ atMs }) => atMs > nowMs - 30 * MINUTE && atMs <= nowMs);
      for (let at = 0; at < due.length; at += 20)
        await pick(processes).ledger.record(due.slice(at, at + 20).map(({ entry }) => entry));
      killAfter = next() < 0.4 ? Math.floor(next() * 8) : Number.POSITIVE_INFINITY;
      // Often two at once.
      const ends = await Promise.allSettled(processes.filter(() => next() < 0.5).map(({ exporter }) => exporter.run()));
      kills += ends.filter(({ status }) => status === 'rejected').length;
    }
    killAfter = Number.POSITIVE_INFINITY;
    nowMs += HOUR;
    for (const { exporter } of processes) await exporter.run();

    expect(kills).toBeGreaterThan(10);
    expect([...store.files.keys()].some((name) => name.endsWith('part-0001.parquet'))).toBe(true);
    const rows = await readFiles(store);
    expect(rows.filter((row) => row['x_Sign'] === -1).length).toBeGreaterThan(10);
    const clock = { now: () => nowMs, sleep: async () => undefined };
    const usage = createUsageService({
      tables,
      ledger,
      marks: createLateMarks({ tables, clock, telemetry, keptDays: 90 }),
      refusals: createRefusalRows(tables),
      clock,
      telemetry,
    });
    for (const [dimension, column] of Object.entries(columnOf)) {
      const query: UsageQuery = {
        from: hourOf(begin),
        before: hourOf(nowMs),
        interval: 'none',
        groupBy: [dimension as Dimension],
        filters: {},
        limit: 1_000,
      };
      const report = await usage.report(query);
      const answered = Object.fromEntries(
        report.rows.map((row) => [
          row[dimension as Dimension] ?? '',
          {
            x_Requests: BigInt(row.requests),
            BilledCost: BigInt(Math.round((row.estimatedUsd ?? 0) * 1e9)),
            x_PayiCost: BigInt(Math.round(row.payiUsd * 1e9)),
            x_RequestsWithoutPrice: BigInt(row.unestimated),
            x_PayiPricedRequests: BigInt(row.payiPriced),
            gen_ai_usage_input_tokens: BigInt(row.tokens.input),
            gen_ai_usage_output_tokens: BigInt(row.tokens.output),
            gen_ai_usage_cache_read_input_tokens: BigInt(row.tokens.cacheRead),
          },
        ]),
      );
      expect(sumsBy(rows, column), dimension).toEqual(answered);
    }
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
