import { afterEach, describe, expect, test } from 'vitest';
import { firstSend } from '../../shared/events/queued-event.ts';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import { type LedgerEntry, type LedgerRow, rowOf } from '../../shared/ledger/ledger-row.ts';
import { useOwnPrices } from '../../shared/pricing/own-prices.ts';
import { noBilledAmounts } from '../../shared/reconcile/amounts.ts';
import { compareBooks } from '../../shared/reconcile/compare-books.ts';
import { DayBooks } from '../../shared/reconcile/day-books.ts';
import type { ProviderBook, ProviderLine } from '../../shared/reconcile/provider-book.ts';
import { DAY_MS } from '../../shared/util/days.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { usageEvent } from '../support/events.ts';

const dayMs = Date.parse('2026-11-23T00:00:00Z');
const noonMs = dayMs + DAY_MS / 2;
/** 120 tokens in at 2 USD, 80 out at 10 USD for a million. */
const CALL_NANO = 1_040_000n;

afterEach(() => useOwnPrices([]));

function rowAt(atMs: number, change: Partial<UsageEvent> = {}, entry: Partial<LedgerEntry> = {}): LedgerRow {
  const event = usageEvent({
    eventId: uuidV7(atMs),
    occurredAt: new Date(atMs).toISOString(),
    estimatedCost: Number(CALL_NANO),
    ...change,
  });
  const usual = { outgoing: firstSend(event), tried: false, state: 'ingested', outcome: 'accepted', atMs } as const;
  return rowOf({ ...usual, costNanoUsd: CALL_NANO, ...entry });
}

function booksOf(...rows: LedgerRow[]): DayBooks {
  const books = new DayBooks(dayMs, dayMs + DAY_MS);
  for (const row of rows) books.add(row);
  return books;
}

function report(change: Partial<ProviderLine> = {}, more: Partial<ProviderBook> = {}): ProviderBook {
  const line: ProviderLine = {
    category: 'system.anthropic',
    model: 'claude-sonnet-5-5',
    modifiers: '',
    amounts: { ...noBilledAmounts(), input: 120, output: 80 },
    cost: CALL_NANO,
    listCost: change.cost ?? CALL_NANO,
    ...change,
  };
  return { category: 'system.anthropic', lines: [line], besides: new Map(), refreshedMs: undefined, ...more };
}

const compare = (books: DayBooks, provider?: ProviderBook) => compareBooks(books.all(), provider);
const reasonsOf = ({ differences }: ReturnType<typeof compare>) =>
  differences.flatMap(({ unit, against, reasons }) =>
    reasons.map(({ reason, amount, eventIds }) => ({ unit, against, reason, amount, eventIds })),
  );

test('books that agree have rows by unit and no difference', () => {
  const name = { category: 'system.anthropic', model: 'claude-sonnet-5-5', modifiers: '' };
  expect(compare(booksOf(rowAt(noonMs)), report())).toEqual({
    rows: [
      { ...name, unit: 'input', ledger: 120, payi: null, provider: 120, difference: 0 },
      { ...name, unit: 'output', ledger: 80, payi: null, provider: 80, difference: 0 },
      { ...name, unit: 'usd', ledger: 0.00104, payi: 0.00104, provider: 0.00104, difference: 0 },
    ],
    differences: [],
  });
});

test('without a report the provider has no figure and no difference', () => {
  const { rows, differences } = compare(booksOf(rowAt(noonMs)));
  expect(rows.map(({ provider, difference }) => ({ provider, difference }))).toEqual(
    Array(3).fill({ provider: null, difference: 0 }),
  );
  expect(differences).toEqual([]);
});

test('calls through another platform are not compared with Anthropic’s report', () => {
  const { rows, differences } = compare(
    booksOf(rowAt(noonMs, { category: 'system.aws.bedrock' })),
    report({ cost: 0n, amounts: noBilledAmounts() }),
  );
  expect(rows.every(({ provider }) => provider === null)).toBe(true);
  expect(differences).toEqual([]);
});

test('every unit of an event is one that the provider bills', () => {
  const units = {
    text: { input: 100, output: 50 },
    vision: { input: 20, output: 0 },
    reasoning: { input: 0, output: 30 },
    text_cache_write: { input: 1, output: 0 },
    text_cache_write_1h_large_context: { input: 2, output: 0 },
    text_cache_read_large_context: { input: 3, output: 0 },
    web_search_request: { output: 4 },
  };
  const { rows } = compare(booksOf(rowAt(noonMs, { units })));
  const amounts = Object.fromEntries(rows.map(({ unit, ledger }) => [unit, ledger]));
  expect(amounts).toMatchObject({
    input: 120,
    output: 80,
    cache_write: 1,
    cache_write_1h: 2,
    cache_read: 3,
    web_search: 4,
  });
});

describe('Pay-i differs by', () => {
  const ownRow = {
    provider: 'anthropic',
    models: ['claude-sonnet-5-5'],
    source: 'contract',
    prices: { input: 1, output: 5 },
  };
  const cases: [string, LedgerRow, number][] = [
    ['waiting', rowAt(noonMs, {}, { state: 'waiting', costNanoUsd: undefined }), -0.00104],
    ['dead_letter', rowAt(noonMs, {}, { state: 'deadLettered', costNanoUsd: undefined }), -0.00104],
    ['payi_zero', rowAt(noonMs, {}, { costNanoUsd: 0n }), -0.00104],
    ['payi_price', rowAt(noonMs, {}, { costNanoUsd: 1_144_000n }), 0.000104],
    ['no_price', rowAt(noonMs, { estimatedCost: null }), 0.00104],
    ['abandoned', rowAt(noonMs, { outcome: 'abandoned', estimatedCost: 9_040_000 }), -0.008],
    ['modifiers', rowAt(noonMs, { requestProperties: { price_modifiers: 'us' }, estimatedCost: 1_144_000 }), -0.000104],
    ['corrected_prices', rowAt(noonMs, { estimatedCost: 2_080_000 }), -0.00104],
  ];
  test.each(cases)('%s', (reason, row, amount) => {
    const found = compare(booksOf(row));
    expect(reasonsOf(found)).toEqual([{ unit: 'usd', against: 'payi', reason, amount, eventIds: [row.rowKey] }]);
    expect(found.rows.at(-1)).toMatchObject({ difference: amount });
  });

  test('own_prices', () => {
    useOwnPrices([ownRow]);
    const row = rowAt(noonMs, { estimatedCost: 520_000 });
    expect(reasonsOf(compare(booksOf(row)))).toEqual([
      { unit: 'usd', against: 'payi', reason: 'own_prices', amount: 0.00052, eventIds: [row.rowKey] },
    ]);
  });

  test('payi_unknown, where an event is looked up and not found', () => {
    const row = rowAt(noonMs, {}, { costNanoUsd: undefined });
    const books = new DayBooks(dayMs, dayMs + DAY_MS);
    expect(books.add(row)).toBe(true);
    books.addPayi(row, 'missing');
    expect(reasonsOf(compare(books))).toEqual([
      { unit: 'usd', against: 'payi', reason: 'payi_unknown', amount: -0.00104, eventIds: [row.rowKey] },
    ]);
  });

  test('nothing where only a nano-USD was rounded', () => {
    expect(compare(booksOf(rowAt(noonMs, {}, { costNanoUsd: CALL_NANO - 1n }))).differences).toEqual([]);
  });
});

test('a price that is not known leaves Pay-i’s figure open, and differences of the others are named', () => {
  const open = rowAt(noonMs, {}, { costNanoUsd: undefined });
  const books = booksOf(rowAt(noonMs, {}, { costNanoUsd: 0n }), open);
  books.addPayi(open, undefined);
  const found = compare(books);
  expect(found.rows.at(-1)).toMatchObject({ unit: 'usd', ledger: 0.00208, payi: null, difference: -0.00104 });
  expect(reasonsOf(found)).toMatchObject([{ reason: 'payi_zero' }]);
});

test('a call that used nothing makes no difference while it waits', () => {
  const change = { units: {}, estimatedCost: 0, httpStatusCode: 500, outcome: 'failed' } as const;
  const waiting = rowAt(noonMs, change, { state: 'waiting', costNanoUsd: undefined });
  expect(compare(booksOf(waiting))).toEqual({ rows: [], differences: [] });
});

test('a call without a price that Pay-i does not have is named', () => {
  const row = rowAt(noonMs, { estimatedCost: null }, { costNanoUsd: undefined });
  const books = new DayBooks(dayMs, dayMs + DAY_MS);
  books.add(row);
  books.addPayi(row, 'missing');
  expect(reasonsOf(compare(books))).toEqual([
    { unit: 'usd', against: 'payi', reason: 'payi_unknown', amount: 0, eventIds: [row.rowKey] },
  ]);
});

test('a call that cost nothing here and used something is looked up', () => {
  const free = rowAt(
    noonMs,
    { units: { text: { input: 5, output: 0 } }, estimatedCost: 0 },
    { costNanoUsd: undefined },
  );
  expect(new DayBooks(dayMs, dayMs + DAY_MS).add(free)).toBe(true);
});

test('a failed call that used nothing needs no look-up', () => {
  const failed = rowAt(
    noonMs,
    { units: {}, estimatedCost: 0, httpStatusCode: 500, outcome: 'failed' },
    { costNanoUsd: undefined },
  );
  const books = new DayBooks(dayMs, dayMs + DAY_MS);
  expect(books.add(failed)).toBe(false);
  expect(compare(books, report({ cost: 0n, amounts: noBilledAmounts() }))).toEqual({ rows: [], differences: [] });
});

describe('the provider differs by', () => {
  test('events that are not in the ledger, exactly', () => {
    const missing = rowAt(noonMs, { units: { text: { input: 30, output: 10 } }, estimatedCost: 160_000 });
    const books = booksOf(rowAt(noonMs));
    books.addUnwritten(missing);
    const found = compare(
      books,
      report({ amounts: { ...noBilledAmounts(), input: 150, output: 90 }, cost: 1_200_000n }),
    );
    const eventIds = [missing.rowKey];
    expect(reasonsOf(found)).toEqual([
      { unit: 'input', against: 'provider', reason: 'not_in_ledger', amount: 30, eventIds },
      { unit: 'output', against: 'provider', reason: 'not_in_ledger', amount: 10, eventIds },
      { unit: 'usd', against: 'provider', reason: 'not_in_ledger', amount: 0.00016, eventIds },
    ]);
  });

  test('calls that did not go through the app', () => {
    const found = compare(
      booksOf(rowAt(noonMs)),
      report({ amounts: { ...noBilledAmounts(), input: 1_120, output: 80 }, cost: 3_040_000n }),
    );
    expect(reasonsOf(found)).toEqual([
      { unit: 'input', against: 'provider', reason: 'not_through_us', amount: 1_000, eventIds: [] },
      { unit: 'usd', against: 'provider', reason: 'usage_differs', amount: null, eventIds: [] },
    ]);
  });

  test('a model that only the provider knows', () => {
    const found = compare(booksOf(), report({ model: 'claude-opus-5-5' }));
    expect(found.rows.map(({ model, ledger, provider }) => ({ model, ledger, provider }))).toEqual([
      { model: 'claude-opus-5-5', ledger: 0, provider: 120 },
      { model: 'claude-opus-5-5', ledger: 0, provider: 80 },
      { model: 'claude-opus-5-5', ledger: 0, provider: 0.00104 },
    ]);
    expect(reasonsOf(found)).toMatchObject([
      { unit: 'input', reason: 'not_through_us', amount: 120 },
      { unit: 'output', reason: 'not_through_us', amount: 80 },
      { unit: 'usd', reason: 'usage_differs' },
    ]);
  });

  test('calls that it does not have', () => {
    const found = compare(booksOf(rowAt(noonMs)), report({ amounts: noBilledAmounts(), cost: 0n }));
    expect(reasonsOf(found)).toMatchObject([
      { unit: 'input', reason: 'not_at_provider', amount: -120 },
      { unit: 'output', reason: 'not_at_provider', amount: -80 },
      { unit: 'usd', reason: 'usage_differs' },
    ]);
  });

  test('estimates of aborted calls, by event', () => {
    const aborted = rowAt(noonMs, { unitsEstimated: true, outcome: 'aborted' });
    const found = compare(
      booksOf(aborted),
      report({ amounts: { ...noBilledAmounts(), input: 120, output: 70 }, cost: 940_000n }),
    );
    const eventIds = [aborted.rowKey];
    expect(reasonsOf(found)).toEqual([
      { unit: 'output', against: 'provider', reason: 'estimated', amount: null, eventIds },
      { unit: 'usd', against: 'provider', reason: 'usage_differs', amount: null, eventIds: [] },
      { unit: 'usd', against: 'provider', reason: 'estimated', amount: null, eventIds },
    ]);
  });

  test('calls across midnight, by event, on the side on which they can differ', () => {
    const late = rowAt(dayMs + DAY_MS - 500);
    const early = rowAt(dayMs - 500);
    const wellBefore = rowAt(dayMs - 5_000);
    const books = booksOf(late);
    books.addEarlier(early);
    books.addEarlier(wellBefore);
    const lessAtProvider = compare(books, report({ amounts: noBilledAmounts(), cost: 0n }));
    expect(reasonsOf(lessAtProvider).slice(0, 2)).toEqual([
      { unit: 'input', against: 'provider', reason: 'ended_after', amount: null, eventIds: [late.rowKey] },
      { unit: 'output', against: 'provider', reason: 'ended_after', amount: null, eventIds: [late.rowKey] },
    ]);
    const moreAtProvider = compare(
      books,
      report({ amounts: { ...noBilledAmounts(), input: 240, output: 160 }, cost: 2n * CALL_NANO }),
    );
    expect(reasonsOf(moreAtProvider).slice(0, 2)).toEqual([
      { unit: 'input', against: 'provider', reason: 'began_before', amount: null, eventIds: [early.rowKey] },
      { unit: 'output', against: 'provider', reason: 'began_before', amount: null, eventIds: [early.rowKey] },
    ]);
  });

  test('more than calls across midnight can make', () => {
    const books = booksOf(rowAt(noonMs));
    books.addEarlier(rowAt(dayMs - 500));
    const found = compare(books, report({ amounts: { ...noBilledAmounts(), input: 9_000, output: 80 } }));
    expect(reasonsOf(found)).toMatchObject([
      { unit: 'input', reason: 'began_before' },
      { unit: 'input', reason: 'not_through_us', amount: null },
    ]);
  });

  test('batches, which count when they were created', () => {
    const batch = rowAt(noonMs, { requestProperties: { price_modifiers: 'batch' }, estimatedCost: 520_000 });
    const found = compare(booksOf(batch), report({ modifiers: 'batch', amounts: noBilledAmounts(), cost: 0n }));
    expect(reasonsOf(found).filter(({ against }) => against === 'provider')).toMatchObject([
      { unit: 'input', reason: 'batch', eventIds: [batch.rowKey] },
      { unit: 'output', reason: 'batch', eventIds: [batch.rowKey] },
      { unit: 'usd', reason: 'usage_differs' },
    ]);
  });

  test('a modifier that one of both does not see', () => {
    const found = compare(booksOf(rowAt(noonMs)), report({ modifiers: 'fast', cost: 2n * CALL_NANO }));
    expect(found.differences.map(({ modifiers, unit, difference }) => [modifiers, unit, difference])).toEqual([
      ['', 'input', -120],
      ['', 'output', -80],
      ['', 'usd', -0.00104],
      ['fast', 'input', 120],
      ['fast', 'output', 80],
      ['fast', 'usd', 0.00208],
    ]);
  });

  test('its discount, exactly', () => {
    const found = compare(booksOf(rowAt(noonMs)), report({ cost: 936_000n, listCost: CALL_NANO }));
    expect(reasonsOf(found)).toEqual([
      { unit: 'usd', against: 'provider', reason: 'provider_discount', amount: -0.000104, eventIds: [] },
    ]);
  });

  test('own prices of the app, by event', () => {
    useOwnPrices([
      { provider: 'anthropic', models: ['claude-sonnet-5-5'], source: 'contract', prices: { input: 1, output: 5 } },
    ]);
    const row = rowAt(noonMs, { estimatedCost: 520_000 }, { costNanoUsd: 520_000n });
    const found = compare(booksOf(row), report({ cost: CALL_NANO }));
    expect(reasonsOf(found)).toEqual([
      { unit: 'usd', against: 'provider', reason: 'own_prices', amount: null, eventIds: [row.rowKey] },
    ]);
  });

  test('prices that were corrected after the call, exactly', () => {
    const row = rowAt(noonMs, { estimatedCost: 2_080_000 }, { costNanoUsd: 2_080_000n });
    expect(reasonsOf(compare(booksOf(row), report()))).toEqual([
      { unit: 'usd', against: 'provider', reason: 'corrected_prices', amount: -0.00104, eventIds: [row.rowKey] },
    ]);
  });

  test('calls without a price here, by event', () => {
    const row = rowAt(noonMs, { resource: 'claude-next', estimatedCost: null });
    const found = compare(booksOf(row), report({ model: 'claude-next' }));
    expect(reasonsOf(found).filter(({ against }) => against === 'provider')).toEqual([
      { unit: 'usd', against: 'provider', reason: 'no_price', amount: null, eventIds: [row.rowKey] },
    ]);
  });

  test('its own price, where nothing else explains it', () => {
    expect(reasonsOf(compare(booksOf(rowAt(noonMs)), report({ cost: 1_144_000n })))).toEqual([
      { unit: 'usd', against: 'provider', reason: 'provider_price', amount: 0.000104, eventIds: [] },
    ]);
  });

  test('calls whose process ended, by event', () => {
    const abandoned = rowAt(noonMs, { outcome: 'abandoned', estimatedCost: 9_040_000 }, { costNanoUsd: 9_040_000n });
    const found = compare(booksOf(abandoned), report({ amounts: { ...noBilledAmounts(), input: 120, output: 60 } }));
    const eventIds = [abandoned.rowKey];
    expect(reasonsOf(found)).toEqual([
      { unit: 'output', against: 'provider', reason: 'abandoned', amount: null, eventIds },
      { unit: 'usd', against: 'provider', reason: 'usage_differs', amount: null, eventIds: [] },
      { unit: 'usd', against: 'provider', reason: 'abandoned', amount: null, eventIds },
    ]);
  });

  test('own prices of the app alone, where they have the discount in them', () => {
    useOwnPrices([
      { provider: 'anthropic', models: ['claude-sonnet-5-5'], source: 'contract', prices: { input: 1, output: 5 } },
    ]);
    const row = rowAt(noonMs, { estimatedCost: 520_000 }, { costNanoUsd: 520_000n });
    expect(reasonsOf(compare(booksOf(row), report({ cost: 600_000n, listCost: CALL_NANO })))).toMatchObject([
      { reason: 'own_prices' },
    ]);
  });

  test('events that are not in the ledger, and calls of others on top of them', () => {
    const books = booksOf(rowAt(noonMs));
    books.addUnwritten(rowAt(noonMs, { units: { text: { input: 30, output: 0 } }, estimatedCost: 60_000 }));
    const found = compare(
      books,
      report({ amounts: { ...noBilledAmounts(), input: 1_150, output: 80 }, cost: 3_100_000n }),
    );
    expect(reasonsOf(found)).toMatchObject([
      { unit: 'input', reason: 'not_in_ledger', amount: 30 },
      { unit: 'input', reason: 'not_through_us', amount: 1_000 },
      { unit: 'usd', reason: 'not_in_ledger', amount: 0.00006 },
      { unit: 'usd', reason: 'usage_differs' },
    ]);
  });

  test('an estimate explains only units that it has', () => {
    const aborted = rowAt(noonMs, { unitsEstimated: true, outcome: 'aborted' });
    const found = compare(
      booksOf(aborted),
      report({ amounts: { ...noBilledAmounts(), input: 120, output: 80, cache_read: 10 } }),
    );
    expect(reasonsOf(found)).toMatchObject([
      { unit: 'cache_read', reason: 'not_through_us', amount: 10, eventIds: [] },
    ]);
  });

  test('nothing where costs differ by what calls are rounded up by', () => {
    const books = booksOf(rowAt(noonMs), rowAt(noonMs));
    const twice = { amounts: { ...noBilledAmounts(), input: 240, output: 160 } };
    const differing = (nano: bigint) =>
      compare(books, report({ ...twice, cost: 2n * CALL_NANO + nano })).differences.length;
    expect([-4n, -3n, 3n, 4n].map(differing)).toEqual([1, 0, 0, 1]);
  });

  test('what the app does not meter', () => {
    const found = compare(booksOf(rowAt(noonMs)), report({}, { besides: new Map([['code_execution', 50_000_000n]]) }));
    expect(found.rows.at(-1)).toMatchObject({ model: 'code_execution', ledger: 0, provider: 0.05, difference: 0.05 });
    expect(reasonsOf(found)).toMatchObject([{ reason: 'not_metered', amount: 0.05 }]);
  });
});

test('of many events the first are named, all are counted', () => {
  const rows = Array.from({ length: 1_000 }, () => rowAt(noonMs, {}, { state: 'waiting', costNanoUsd: undefined }));
  const [difference] = compare(booksOf(...rows)).differences;
  expect(difference?.reasons[0]).toMatchObject({ events: 1_000, amount: -1.04 });
  expect(difference?.reasons[0]?.eventIds).toHaveLength(20);
});

test('the names that occur do not make the books grow without end', () => {
  const books = new DayBooks(dayMs, dayMs + DAY_MS);
  for (let n = 0; n < 2_000; n++) books.add(rowAt(noonMs, { resource: `model-${n}`, estimatedCost: 1 }));
  expect(books.all().length).toBeLessThanOrEqual(501);
  expect(books.all().reduce((sum, { events }) => sum + events, 0)).toBe(2_000);
});
