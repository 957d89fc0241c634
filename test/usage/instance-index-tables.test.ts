import { expect, onTestFinished, test } from 'vitest';
import { startTables } from '../../infra/local/tables/src/tables.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { LedgerEntry } from '../../shared/ledger/ledger-row.ts';
import { openTables } from '../../shared/tables/open.ts';
import type { RowKey } from '../../shared/tables/table.ts';
import { createInstanceIndex } from '../../shared/usage/instance-index/instance-index.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { HOUR_MS } from '../../shared/usage/spans.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { all, manualClock, noting, startMs, usageEvent } from '../support/events.ts';

const CALLS = 300;

test('in Table Storage: found before the fold, after it, and gone after the retention', async () => {
  const azurite = await startTables();
  onTestFinished(() => azurite.close());
  const clock = manualClock(startMs);
  const tables = openTables({ connection: azurite.connectionString, prefix: 'index' });
  const ledger = createLedger(tables);
  const marks = createLateMarks({ tables, clock, telemetry: noting(), keptDays: 90, marksFor: 'late-index' });
  const index = createInstanceIndex({ tables, ledger, marks, clock, telemetry: noting() });
  const calls = Array.from({ length: CALLS }, (_, n): LedgerEntry => {
    const atMs = startMs + Math.floor((n / CALLS) * 2 * HOUR_MS);
    const useCase = { name: 'chat', id: `run/${n % 100} of "a 'caller'"` };
    return {
      outgoing: { event: usageEvent({ eventId: uuidV7(atMs), useCase }), attempt: 0, remaining: 'all' },
      // Some have a row of their own.
      tried: n % 7 === 0,
      state: 'ingested',
      outcome: 'accepted',
      atMs,
    };
  });
  await ledger.record(calls);
  const minutes = new Map<string, string[]>();
  for (const { outgoing, atMs } of calls) {
    const { id } = outgoing.event.useCase;
    minutes.set(id, [...(minutes.get(id) ?? []), new Date(atMs).toISOString().slice(0, 16)]);
  }
  const found = async () => {
    const lookUp = index.lookUp();
    const each = [...minutes.keys()].map(async (id) => [id, (await lookUp.minutesOf('chat', id)).minutes] as const);
    return new Map(await Promise.all(each));
  };
  const table = tables.open<RowKey>('instanceevents');
  clock.nowMs = startMs + HOUR_MS;
  expect(await found()).toEqual(minutes);
  clock.nowMs = startMs + 3 * HOUR_MS;
  expect(await index.fold()).toBe(2);
  expect(await found()).toEqual(minutes);
  const rows = (await all(table.query())).length;
  expect(rows).toBeGreaterThan(50);
  // The index alone.
  await ledger.prune('2027');
  expect(await found()).toEqual(minutes);
  // What says up to where it is folded stays.
  expect(await index.prune('2026-11-24')).toBe(rows - 1);
  expect((await all(table.query())).map(({ partitionKey }) => partitionKey)).toEqual(['state']);
});
