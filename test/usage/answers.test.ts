import { expect, test } from 'vitest';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { type Interval, intervals, type UsageQuery } from '../../shared/usage/answers/usage-query.ts';
import type { UsageRow } from '../../shared/usage/answers/usage-report.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { markedLedger } from '../../shared/usage/rollups/marked-ledger.ts';
import { hourOf } from '../../shared/usage/spans.ts';
import { type AnyDimension, dimensions } from '../../shared/usage/usage-group.ts';
import { createUsageService } from '../../shared/usage/usage-service.ts';
import { noting } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { addUp } from './add-up.ts';
import { random, randomTraffic, trafficProperties } from './random-traffic.ts';

const MINUTE = 60_000;
const begin = Date.parse('2026-11-21T22:00:00Z');
const HOURS = 50;

/** Clocks of three processes, minutes apart. The sum of what comes late, twice, again and after kills. */
const skews = [-2 * MINUTE, 0, 2 * MINUTE];

class Killed extends Error {}

test.each([1, 2])(
  'answers are the sum of the events that the ledger has, whatever happened (seed %i)',
  async (seed) => {
    const next = random(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
    const tables = new MemoryTables();
    const ledger = createLedger(tables, trafficProperties);
    let nowMs = begin;
    let killAfter = Number.POSITIVE_INFINITY;
    const mortal = tables.client({
      before: async (operation) => {
        if (operation === 'get' || operation === 'query') return 'answered';
        if (killAfter-- <= 0) throw new Killed();
        return killAfter <= 0 ? pick(['unsent', 'lost'] as const) : 'answered';
      },
    });
    const telemetry = noting();
    const processes = skews.map((skew) => {
      const clock = { now: () => nowMs + skew, sleep: async () => undefined };
      const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90 });
      const folding = createLateMarks({ tables: mortal, clock, telemetry, keptDays: 90 });
      const options = { ledger, refusals: createRefusalRows(tables), clock, telemetry };
      return {
        ledger: markedLedger(ledger, marks),
        reader: createUsageService({ ...options, tables, marks }),
        folder: createUsageService({ ...options, tables: mortal, marks: folding }),
      };
    });

    const traffic = randomTraffic(next, begin, HOURS, 600);
    const known = new Map<string, (typeof traffic)[number]['row']>();
    let kills = 0;
    let asked = 0;
    for (; nowMs < begin + (HOURS + 30) * 60 * MINUTE; nowMs += 30 * MINUTE) {
      const due = traffic.filter(({ atMs }) => atMs > nowMs - 30 * MINUTE && atMs <= nowMs);
      const { ledger: writer } = pick(processes);
      for (let at = 0; at < due.length; at += 20) {
        const batch = due.slice(at, at + 20);
        await writer.record(batch.map(({ entry }) => entry));
        for (const { row } of batch) known.set(row.rowKey, { ...known.get(row.rowKey), ...row });
      }
      killAfter = next() < 0.4 ? Math.floor(next() * 12) : Number.POSITIVE_INFINITY;
      await pick(processes)
        .folder.fold()
        .catch(() => {
          kills += 1;
        });
      if (next() < 0.4) {
        asked += 1;
        const query = randomQuery();
        expect(await pages(query), JSON.stringify(query)).toEqual(addUp([...known.values()], query));
      }
    }
    expect(kills).toBeGreaterThan(10);
    expect(asked).toBeGreaterThan(30);
    const everything: UsageQuery = {
      from: hourOf(begin),
      before: hourOf(nowMs),
      interval: 'none',
      groupBy: [],
      filters: {},
      limit: 1,
    };
    expect((await pages(everything))[0]?.requests).toBe(known.size);

    function randomQuery(): UsageQuery {
      const from = begin + Math.floor(next() * HOURS) * 60 * MINUTE;
      const filters: UsageQuery['filters'] = {};
      if (next() < 0.3) filters.useCase = pick(['analysis', 'finder']);
      if (next() < 0.2) filters['property.region'] = pick(['utah', 'from the request', '']);
      if (next() < 0.2) filters.user = pick(['u1', 'u5', 'u9', '']);
      return {
        from: hourOf(from),
        before: hourOf(from + Math.ceil(next() * 70) * 60 * MINUTE),
        interval: pick<Interval>(intervals),
        groupBy: [...dimensions, 'property.region', 'property.tier'].filter(() => next() < 0.25) as AnyDimension[],
        filters,
        limit: pick([3, 50, 1_000]),
      };
    }

    async function pages(query: UsageQuery): Promise<UsageRow[]> {
      const rows: UsageRow[] = [];
      let after = query.after;
      for (;;) {
        const report = await pick(processes).reader.report({ ...query, after });
        rows.push(...report.rows);
        if (report.next === null) return rows;
        after = JSON.parse(Buffer.from(report.next, 'base64url').toString()) as string[];
      }
    }
  },
  // Much arithmetic: a busy machine needs several times the usual 4 s.
);
