import { createLedger, type Ledger } from '../../../shared/ledger/ledger.ts';
import { type LedgerRow, rowOf } from '../../../shared/ledger/ledger-row.ts';
import type { Tables } from '../../../shared/tables/table.ts';
import { createRefusalRows } from '../../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../../shared/usage/rollups/late-marks.ts';
import { HOUR_MS, hourOf, startOfSpan } from '../../../shared/usage/spans.ts';
import { createUsageService, type UsageService } from '../../../shared/usage/usage-service.ts';
import type { Clock } from '../../../shared/util/clock.ts';
import { manualClock, noting } from '../../support/events.ts';
import { randomEntry, seeded } from './random-row.ts';

export const MONTH_HOURS = 720;

interface Month {
  events: number;
  users: number;
  /** The first hour and the moment in the hour after the last one up to which there are events: ms, UTC. */
  begin: number;
  until: number;
  /** Of the service that is answered with. */
  clock: Clock;
}

/** Writes a month of random calls: its hours as rollups, the open hour as rows of the ledger. */
export async function fillMonth(
  tables: Tables,
  { events, users, begin, until, clock }: Month,
  progress: (text: string) => void,
): Promise<{ usage: UsageService }> {
  const next = seeded(2);
  const perHour = Math.round(events / MONTH_HOURS);
  const end = begin + MONTH_HOURS * HOUR_MS;
  const telemetry = noting();
  const foldClock = manualClock(begin);
  // Events of hours that are folded at once do not have to be written before.
  const made: Pick<Ledger, 'between' | 'earliestHour'> = {
    earliestHour: async () => hourOf(begin),
    async *between(hour): AsyncIterable<LedgerRow> {
      for (let n = 0; n < perHour; n++)
        yield rowOf(randomEntry(next, Math.floor(startOfSpan(hour) + next() * HOUR_MS), users));
    },
  };
  const refusals = createRefusalRows(tables);
  const folding = createUsageService({
    tables,
    ledger: made,
    marks: createLateMarks({ tables, clock: foldClock, telemetry, keptDays: 90 }),
    refusals,
    clock: foldClock,
    telemetry,
  });
  for (let day = 1; day <= 30; day++) {
    foldClock.nowMs = begin + day * 24 * HOUR_MS + 20 * 60_000;
    await folding.fold();
    if (day % 10 === 0) progress(`${day} days folded`);
  }
  const ledger = createLedger(tables);
  // In the order in which they were made, in batches of a minute.
  const times = Array.from({ length: perHour }, () => Math.floor(end + next() * (until - end))).sort((a, b) => a - b);
  const open = times.map((atMs) => randomEntry(next, atMs, users));
  const batch = Math.ceil(perHour / 60);
  for (let at = 0; at < open.length; at += batch) await ledger.record(open.slice(at, at + batch));
  const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90 });
  return { usage: createUsageService({ tables, ledger, marks, refusals, clock, telemetry }) };
}
