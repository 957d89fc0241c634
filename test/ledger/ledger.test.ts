import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLedger, type Ledger } from '../../shared/ledger/ledger.ts';
import { isPage, pagesOf, rowsOf } from '../../shared/ledger/ledger-page.ts';
import type { LedgerEntry, LedgerRow } from '../../shared/ledger/ledger-row.ts';
import { rowOf } from '../../shared/ledger/ledger-row.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { startMs, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

const DAY = '2026-11-23';
/** Several of one batch's time, some of another minute. */
const ids = Array.from({ length: 12 }, (_, n) => uuidV7(startMs + (n % 4) * 900 + Math.floor(n / 8) * 60_000));

const entryOf = (eventId: string, change: Partial<LedgerEntry> = {}, attempt = 0): LedgerEntry => ({
  outgoing: { event: usageEvent({ eventId }), remaining: 'all', attempt, sinceMs: startMs },
  tried: false,
  state: 'ingested',
  outcome: 'accepted',
  atMs: startMs,
  ...change,
});

async function statesOf(ledger: Ledger): Promise<[string, string][]> {
  const rows: [string, string][] = [];
  for await (const { rowKey, state } of ledger.since(DAY)) rows.push([rowKey, state]);
  return rows.sort();
}

test('a batch of first tries is a few rows of the table, and each event is found with all that is known of it', async () => {
  const tables = new MemoryTables();
  const ledger = createLedger(tables);
  const entries = ids.slice(0, 8).map((id) => entryOf(id, { requestId: 'r1', costNanoUsd: 12_345_678_901_234n }));
  await ledger.record(entries);
  expect(tables.requests).toBeLessThanOrEqual(2);
  const [first] = entries;
  expect(await ledger.get(first?.outgoing.event.eventId ?? '')).toMatchObject({
    state: 'ingested',
    attempts: 1,
    userId: 'u1',
    estimatedCost: 1_560_000n,
    pricedCost: 12_345_678_901_234n,
    payiRequestId: 'r1',
    attempt0: '2026-11-23T10:00:00.000Z accepted',
  });
  expect(await ledger.get(ids[11] ?? '')).toBeUndefined();
});

test('the same batch written again takes no further row', async () => {
  const tables = new MemoryTables();
  const ledger = createLedger(tables);
  const entries = ids.slice(0, 8).map((id) => entryOf(id));
  await ledger.record(entries);
  const rows = tables.rows('ledger').length;
  await ledger.record(entries.toReversed());
  expect(tables.rows('ledger').length).toBe(rows);
});

test('a page holds what it was given, however much of it', () => {
  const rows = Array.from({ length: 1_200 }, (_, n) => rowOf(entryOf(uuidV7(startMs + (n % 3)))));
  const pages = pagesOf(
    '0-2026-11-23T10:00',
    rows.map((row) => ({ ...row, partitionKey: '0-2026-11-23T10:00' })),
  );
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.every(isPage)).toBe(true);
  const read = pages.flatMap(rowsOf).map(({ rowKey }) => rowKey);
  expect(read.sort()).toEqual(rows.map(({ rowKey }) => rowKey).sort());
});

/** What the ledger must say: an event's own row wins over a page, the latest attempt over the one before. */
function expected(batches: LedgerEntry[][]): [string, LedgerRow['state']][] {
  const own = new Map<string, LedgerRow['state']>();
  const paged = new Set<string>();
  for (const batch of batches)
    for (const { outgoing, tried, state } of batch) {
      if (state === 'ingested' && !tried) paged.add(outgoing.event.eventId);
      else own.set(outgoing.event.eventId, state);
    }
  return [...new Set([...own.keys(), ...paged])]
    .map((id): [string, LedgerRow['state']] => [id, own.get(id) ?? 'ingested'])
    .sort();
}

test('whatever batches were written, each event is reported once, with its last state', async () => {
  const entry = fc.record({
    id: fc.constantFrom(...ids),
    tried: fc.boolean(),
    state: fc.constantFrom('ingested' as const, 'waiting' as const, 'deadLettered' as const),
  });
  const batch = fc.uniqueArray(entry, { selector: ({ id }) => id, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { maxLength: 6 }), async (plan) => {
      const ledger = createLedger(new MemoryTables());
      const batches = plan.map((each, n) => each.map(({ id, tried, state }) => entryOf(id, { tried, state }, n)));
      for (const entries of batches) await ledger.record(entries);
      const states = await statesOf(ledger);
      expect(states).toEqual(expected(batches));
      for (const [id, state] of states) expect(await ledger.get(id)).toMatchObject({ rowKey: id, state });
      expect(await ledger.prune('2026-11-24')).toBeGreaterThanOrEqual(states.length > 0 ? 1 : 0);
      expect(await statesOf(ledger)).toEqual([]);
    }),
  );
});
