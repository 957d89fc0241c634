import { createLedger } from '../../../shared/ledger/ledger.ts';
import type { Tables } from '../../../shared/tables/table.ts';
import { createInstanceIndex } from '../../../shared/usage/instance-index/instance-index.ts';
import { createRefusalRows } from '../../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../../shared/usage/rollups/late-marks.ts';
import { HOUR_MS } from '../../../shared/usage/spans.ts';
import { createUsageService } from '../../../shared/usage/usage-service.ts';
import { manualClock, noting } from '../../support/events.ts';
import { counting } from '../count-requests.ts';
import { randomEntry, seeded } from './random-row.ts';

const begin = Date.parse('2026-11-23T01:00:00Z');
const MINUTE_MS = 60_000;

/** The timer's runs (rollups and index of instances) over some hours of a ledger whose batches held a minute's events. Requests of runs that find nothing to do count. */
export async function measureFold(
  tables: Tables,
  { hours, eventsPerHour, users }: Record<'hours' | 'eventsPerHour' | 'users', number>,
) {
  const next = seeded(1);
  const ledger = createLedger(tables);
  for (let minute = 0; minute < hours * 60; minute++) {
    const at = begin + minute * MINUTE_MS;
    const events = Array.from({ length: Math.round(eventsPerHour / 60) }, () =>
      randomEntry(next, Math.floor(at + next() * MINUTE_MS), users),
    );
    await ledger.record(events);
  }
  const count = { requests: 0 };
  const counted = counting(tables, count);
  const clock = manualClock(begin - MINUTE_MS);
  const telemetry = noting();
  const marks = createLateMarks({ tables: counted, clock, telemetry, keptDays: 90 });
  const indexMarks = createLateMarks({ tables: counted, clock, telemetry, keptDays: 90, marksFor: 'late-index' });
  const read = createLedger(counted);
  const usage = createUsageService({
    tables: counted,
    ledger: read,
    marks,
    refusals: createRefusalRows(counted),
    clock,
    telemetry,
  });
  const index = createInstanceIndex({ tables: counted, ledger: read, marks: indexMarks, clock, telemetry });
  const events = hours * 60 * Math.round(eventsPerHour / 60);
  const before = process.cpuUsage();
  for (clock.nowMs = begin - MINUTE_MS; clock.nowMs <= begin + (hours + 1) * HOUR_MS; clock.nowMs += 15 * MINUTE_MS) {
    await index.fold();
    await usage.fold();
  }
  const { user, system } = process.cpuUsage(before);
  return {
    events,
    cpuMicrosPerEvent: Math.round(((user + system) / events) * 10) / 10,
    tableRequestsPerEvent: Math.round((count.requests / events) * 10_000) / 10_000,
  };
}
