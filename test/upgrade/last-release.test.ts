import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { trackedEventSchema, type UsageEvent } from '../../shared/events/usage-event.ts';
import { createInstanceStore } from '../../shared/instances/instance-store.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { createPublishedEvents } from '../../shared/ledger/published-events.ts';
import { spentOf } from '../../shared/limits/state/limit-math.ts';
import type { LimitRow, StateRow } from '../../shared/limits/state/limit-rows.ts';
import { foldHours } from '../../shared/usage/fold.ts';
import { all, noting } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { type RecordedRow, rowOfRecorded } from './recorded-rows.ts';

/** What release 0.2.0 sent and wrote: `npm run upgrade -- --from REF --record FILE`. */
const recorded = JSON.parse(readFileSync('test/fixtures/release-0.2.0.json', 'utf8')) as {
  messages: unknown[];
  rows: Record<string, RecordedRow[]>;
};
const messages = [
  ...new Map(recorded.messages.map((message) => [(message as { eventId: string }).eventId, message])).values(),
];
const usageEvents = messages.filter((message): message is UsageEvent => (message as UsageEvent).kind === 'usage');

async function tablesOfRelease(): Promise<MemoryTables> {
  const tables = new MemoryTables();
  for (const [name, rows] of Object.entries(recorded.rows))
    for (const row of rows) await tables.open(name).upsert(rowOfRecorded(row));
  return tables;
}

test('every event of the last release is read, and is of the schema version of this one', () => {
  expect(messages.length).toBeGreaterThan(10);
  for (const message of messages) expect(trackedEventSchema.parse(message)).toEqual(message);
});

test('its ledger is read, and each event is the one that was sent', async () => {
  const ledger = createLedger(await tablesOfRelease());
  const rows = await all(ledger.since('2026-01-01'));
  expect(rows.length).toBeGreaterThan(5);
  const sent = new Map(usageEvents.map((event) => [event.eventId, event]));
  for (const row of rows.filter(({ kind }) => kind === 'usage')) {
    const event = sent.get(row.rowKey);
    expect(row).toMatchObject({ state: 'ingested', userId: event?.userId, units: JSON.stringify(event?.units) });
    expect(row.estimatedCost).toBe(BigInt(event?.estimatedCost ?? -1));
  }
  expect((await foldHours(ledger.since('2026-01-01'), nothing())).size).toBe(1);
});

test('its limits count what its calls cost, to the nano-USD', async () => {
  const limits = (await tablesOfRelease()).open<LimitRow>('limits');
  const states = (await all(limits.query())).filter((row): row is StateRow & { etag: string } =>
    row.rowKey.endsWith('state'),
  );
  const cost = usageEvents.reduce((sum, { estimatedCost }) => sum + BigInt(estimatedCost ?? 0), 0n);
  const spent = (policy: string) =>
    states
      .filter(({ limitId }) => limitId.startsWith(`${policy}:`))
      .map((state) => ({ ...state, spent: spentOf(state) }));
  expect(spent('daily-budget').map(({ settledNano }) => settledNano)).toEqual([cost]);
  expect(spent('user-daily').reduce((sum, { settledNano }) => sum + settledNano, 0n)).toBe(cost);
  expect(spent('daily-budget').every(({ spent: most }) => most >= cost)).toBe(true);
});

test('its register and instances are read', async () => {
  const tables = await tablesOfRelease();
  const register = createPublishedEvents(tables, { now: () => 0, sleep: async () => {} }, noting());
  expect([...new Set(await all(register.since('2026-01-01')))].sort()).toEqual(
    messages.map((message) => (message as UsageEvent).eventId).sort(),
  );
  const { useCaseName, useCaseId } = JSON.parse(String(recorded.rows['instances']?.[0]?.['instance']));
  expect(await createInstanceStore(tables).find(useCaseName, useCaseId)).toMatchObject({ useCaseName, useCaseId });
});

async function* nothing() {}
