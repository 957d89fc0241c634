import { createParquetFile, rowsOfParquet } from '../../shared/export/parquet.ts';
import { createUsageExport } from '../../shared/export/usage-export.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { LedgerEntry } from '../../shared/ledger/ledger-row.ts';
import type { UsageQuery } from '../../shared/usage/answers/usage-query.ts';
import type { UsageRow } from '../../shared/usage/answers/usage-report.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { markedLedger } from '../../shared/usage/rollups/marked-ledger.ts';
import { hourOf } from '../../shared/usage/spans.ts';
import type { Dimension } from '../../shared/usage/usage-group.ts';
import { createUsageService } from '../../shared/usage/usage-service.ts';
import { noting } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { trafficProperties } from '../usage/random-traffic.ts';
import { MemoryStore } from './memory-store.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Clocks of three processes, minutes apart. */
const skews = [-2 * MINUTE, 0, 2 * MINUTE];

class Killed extends Error {}

/**
 * Files of traffic that came late, twice and again, written by three processes at once, of which many runs are killed at any write to
 * the tables or the files.
 */
export async function exportedTraffic(
  traffic: readonly { entry: LedgerEntry; atMs: number }[],
  { next, begin, hours }: { next: () => number; begin: number; hours: number },
) {
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
  let kills = 0;
  for (; nowMs < begin + (hours + 30) * HOUR; nowMs += 30 * MINUTE) {
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
  const clock = { now: () => nowMs, sleep: async () => undefined };
  const usage = createUsageService({
    tables,
    ledger,
    marks: createLateMarks({ tables, clock, telemetry, keptDays: 90 }),
    refusals: createRefusalRows(tables),
    clock,
    telemetry,
  });
  const from = hourOf(begin);
  const before = hourOf(nowMs);

  /** What `GET /api/usage` answers by a dimension, in the columns of the files; money in nano-USD. */
  async function answers(dimension: Dimension): Promise<Record<string, Record<string, bigint>>> {
    const query: UsageQuery = { from, before, interval: 'none', groupBy: [dimension], filters: {}, limit: 1_000 };
    const { rows } = await usage.report(query);
    return Object.fromEntries(rows.map((row) => [row[dimension] ?? '', inColumns(row)]));
  }

  return { store, kills, usage, from, before, answers };
}

const inColumns = (row: UsageRow): Record<string, bigint> => ({
  x_Requests: BigInt(row.requests),
  BilledCost: BigInt(Math.round((row.estimatedUsd ?? 0) * 1e9)),
  x_PayiCost: BigInt(Math.round(row.payiUsd * 1e9)),
  x_RequestsWithoutPrice: BigInt(row.unestimated),
  x_PayiPricedRequests: BigInt(row.payiPriced),
  gen_ai_usage_input_tokens: BigInt(row.tokens.input),
  gen_ai_usage_output_tokens: BigInt(row.tokens.output),
  gen_ai_usage_cache_read_input_tokens: BigInt(row.tokens.cacheRead),
});
