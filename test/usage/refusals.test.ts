import { expect, onTestFinished, test, vi } from 'vitest';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { Gate, HoldRequest } from '../../shared/limits/gate/gate.ts';
import { noGate } from '../../shared/limits/gate/no-gate.ts';
import { LimitReachedError } from '../../shared/limits/policies/errors.ts';
import type { UsageQuery } from '../../shared/usage/answers/usage-query.ts';
import { countRefusals } from '../../shared/usage/refusals/count-refusals.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createRefusalTally } from '../../shared/usage/refusals/refusal-tally.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { createUsageService } from '../../shared/usage/usage-service.ts';
import { manualClock, noting } from '../support/events.ts';
import { settled } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';

const HOUR_MS = 3_600_000;
const refused = Object.create(LimitReachedError.prototype) as LimitReachedError;
const full: Gate = { hold: () => Promise.reject(refused) };
const byUser: UsageQuery = {
  from: '2026-11-23T00',
  before: '2026-11-24T00',
  interval: 'none',
  groupBy: ['user', 'outcome'],
  filters: {},
  limit: 10,
};

function begin() {
  const tables = new MemoryTables();
  const clock = manualClock();
  const telemetry = noting();
  const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90 });
  const rows = createRefusalRows(tables);
  const tally = createRefusalTally({ rows, marks, clock, telemetry });
  const usage = createUsageService({ tables, ledger: createLedger(tables), marks, refusals: rows, clock, telemetry });
  const call = (gate: Gate, userId: string) =>
    countRefusals(gate, tally)
      .hold({
        userId,
        useCaseName: 'trail_search',
        resource: 'm',
        category: 'c',
        occurredAtMs: clock.now(),
      } as HoldRequest)
      .catch((error: unknown) => error);
  const answer = async () =>
    (await usage.report(byUser)).rows.map(({ user, outcome, requests, refused: calls }) => [
      user,
      outcome,
      requests,
      calls,
    ]);
  return { tables, clock, marks, rows, tally, usage, telemetry, call, answer };
}

test('refused calls are counted by user, apart from requests, before their hour is folded and after it', async () => {
  const { clock, tally, usage, call, answer } = begin();
  await usage.fold();
  expect(await call(full, 'sam')).toBe(refused);
  await call(full, 'sam');
  await call(full, 'eve');
  await call(noGate, 'eve');
  await tally.flush();
  const expected = [
    ['eve', 'refused', 0, 1],
    ['sam', 'refused', 0, 2],
  ];
  expect(await answer()).toEqual(expected);
  clock.nowMs += 2 * HOUR_MS;
  expect(await usage.fold()).toBeGreaterThan(0);
  expect(await answer()).toEqual(expected);
});

test('what could not be written is written with the next, once, and in its own hour', async () => {
  const { tables, clock, tally, usage, call, answer } = begin();
  await usage.fold();
  tables.fate = (_table, operation) => (operation === 'upsert' ? 'lost' : 'answered');
  await call(full, 'sam');
  await tally.flush();
  tables.fate = () => 'answered';
  clock.nowMs += 2 * HOUR_MS;
  await usage.fold();
  await call(full, 'sam');
  await tally.flush();
  expect(await answer()).toEqual([['sam', 'refused', 0, 2]]);
  clock.nowMs += 2 * HOUR_MS;
  await usage.fold();
  expect(await answer()).toEqual([['sam', 'refused', 0, 2]]);
});

test('the first refusal is written after a second, and those that follow ten seconds later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { clock, call, answer } = begin();
  const pass = async (ms: number) => {
    clock.nowMs += ms;
    await vi.advanceTimersByTimeAsync(ms);
    await settled();
  };
  await call(full, 'sam');
  await pass(1_000);
  expect(await answer()).toEqual([['sam', 'refused', 0, 1]]);
  await call(full, 'sam');
  await pass(9_999);
  expect(await answer()).toEqual([['sam', 'refused', 0, 1]]);
  await pass(1);
  expect(await answer()).toEqual([['sam', 'refused', 0, 2]]);
});

test('a caller who goes on takes no request for each refusal, and groups beyond a bound are a metric', async () => {
  const { tables, tally, telemetry, call, rows } = begin();
  for (let n = 0; n < 700; n++) await call(full, `u${n}`);
  const before = tables.requests;
  await tally.flush();
  expect(tables.requests - before).toBe(1);
  expect(telemetry.notes.filter(({ event }) => event === 'refusals-not-counted')).toHaveLength(200);
  expect(await rows.prune('2026-11-24')).toBe(1);
});
