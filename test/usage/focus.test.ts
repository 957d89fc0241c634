import { expect, test } from 'vitest';
import { focusQuery, usageFocus } from '../../shared/usage/answers/usage-focus.ts';
import type { UsageQuery } from '../../shared/usage/answers/usage-query.ts';
import { usageReport } from '../../shared/usage/answers/usage-report.ts';
import { noUsage } from '../../shared/usage/usage-figures.ts';
import { checkFocus, isFocusColumn } from './focus-rules.ts';

/** Cells of RFC 4180; '' is null. */
function rowsOf(csv: string): Record<string, string | null>[] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n)/g)) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') lines.push([]);
  }
  const [names = [], ...rows] = lines.slice(0, -1);
  return rows.map((cells) => Object.fromEntries(names.map((name, at) => [name, cells[at] || null])));
}

/** Concepts that a model's provider has: unit prices are not among them, since a row adds up tokens of several prices. */
const concepts = [
  'ACCOUNT_NAMING_SUPPORTED',
  'SUB_ACCOUNT_SUPPORTED',
  'TAGGING_SUPPORTED',
  'USAGE_MEASUREMENT_SUPPORTED',
];

const columnsOf = (csv: string): string[] => csv.slice(0, csv.indexOf('\r\n')).split(',');

const found = (csv: string) => checkFocus(columnsOf(csv), rowsOf(csv), concepts);
const violations = (csv: string): string[] => [...found(csv).violations.values()];

const query: UsageQuery = {
  from: '2026-11-29T10',
  before: '2026-12-02T05',
  interval: 'none',
  groupBy: [],
  filters: {},
  limit: 100,
};

function csvOf(change: Partial<UsageQuery>, places: string[][]): string {
  const asked = focusQuery({ ...query, ...change });
  const figures = { ...noUsage(), requests: 2, estimatedCost: 1_234n, pricedCost: 5n, priced: 1 };
  figures.units.set('text', { input: 900, output: 100 });
  figures.units.set('web_search_request', { input: 0, output: 3 });
  const rows = places.map((place) => ({ place, figures, outcomes: new Map([['succeeded', 2] as const]) }));
  return usageFocus(usageReport(asked, { rows, more: false }));
}

const day = (date: string) => `${date}T00:00:00.000Z`;

test('by default rows are days by use case, account, provider and model, and keep every rule', () => {
  const csv = csvOf({}, [
    ['trail_finder', 'Acme, Inc.', 'system.anthropic', 'claude-sonnet-5-5', day('2026-11-29')],
    ['trail_finder', '', 'system.openai', 'gpt-5.2', day('2026-11-30')],
    ['=evil()', '@x', 'own.category', 'a "model"', day('2026-12-02')],
    ['trail_finder', '', '', '', day('2026-12-01')],
  ]);
  expect(violations(csv)).toEqual([]);
  const [first, second, third] = rowsOf(csv);
  expect(first).toMatchObject({
    BilledCost: '0.000001234',
    BillingPeriodStart: '2026-11-01T00:00:00Z',
    BillingPeriodEnd: '2026-12-01T00:00:00Z',
    // From the hour that was asked for on.
    ChargePeriodStart: '2026-11-29T10:00:00Z',
    ChargePeriodEnd: '2026-11-30T00:00:00Z',
    ConsumedQuantity: '1000',
    ProviderName: 'Anthropic',
    SkuId: 'claude-sonnet-5-5',
    SubAccountId: 'Acme, Inc.',
    Tags: '{"useCase":"trail_finder"}',
    x_PayiCost: '0.000000005',
    x_Requests: '2',
  });
  expect(second?.['ChargePeriodEnd']).toBe('2026-12-01T00:00:00Z');
  expect(third).toMatchObject({ SubAccountId: "'@x", ChargePeriodEnd: '2026-12-02T05:00:00Z' });
});

test.each([
  ['hour', '2026-11-29T11:00:00.000Z', '2026-11-29T12:00:00Z'],
  ['month', '2026-12-01T00:00:00.000Z', '2026-12-02T05:00:00Z'],
] as const)('other groups are tags; a charge period of a %s ends when it does', (interval, start, end) => {
  const groupBy = ['user', 'outcome', 'model'] as const;
  const csv = csvOf({ interval, groupBy }, [['sam', 'failed', 'gpt-5.2', 'system.openai', start]]);
  expect(violations(csv)).toEqual([]);
  expect(rowsOf(csv)).toMatchObject([
    { ChargePeriodEnd: end, SkuId: 'gpt-5.2', Tags: '{"user":"sam","outcome":"failed"}', SubAccountId: null },
  ]);
});

test('all rules that a program can check were checked, and none of them only warns but for the invoice', () => {
  const csv = csvOf({}, [['a', 'b', 'system.openai', 'gpt-5.2', day('2026-11-30')]]);
  const { checked, warnings } = found(csv);
  expect(checked.size).toBe(173);
  // Nobody is sent an invoice by this app.
  expect([...warnings.values()]).toEqual(['InvoiceId is RECOMMENDED to be present in a FOCUS dataset.']);
});

test.each([
  ['ListCost,', 'x_Cost,', 'ListCost MUST be present in a FOCUS dataset.'],
  ['T00:00:00Z', ' 00:00', 'ChargePeriodEnd MUST conform to DateTimeFormat requirements.'],
  ['Usage-Based', 'Always', 'ChargeFrequency MUST be one of the allowed values.'],
  ['Generative AI', 'Relational Databases', 'ServiceSubcategory MUST have one and only one parent ServiceCategory'],
  ['USD', 'Dollars', 'BillingCurrency MUST conform to CurrencyFormat requirements.'],
  [',1000,Tokens', ',,Tokens', 'ConsumedUnit MUST be null when ConsumedQuantity is null.'],
  ['0.000001234', 'much', 'BilledCost MUST be of type Decimal.'],
])('the rules find what is against them: %s as %s', (from, to, rule) => {
  const csv = csvOf({}, [['a', 'b', 'system.openai', 'gpt-5.2', day('2026-11-30')]]);
  expect(csv).toContain(from);
  expect(violations(csv.replaceAll(from, to))).toEqual(expect.arrayContaining([expect.stringContaining(rule)]));
});

test('what no rule can check: periods lie within each other, own columns come last, all costs are the billed one', () => {
  const csv = csvOf({}, [
    ['a', 'b', 'system.openai', 'gpt-5.2', day('2026-11-29')],
    ['a', 'b', 'system.openai', 'gpt-5.2', day('2026-12-02')],
  ]);
  for (const row of rowsOf(csv)) {
    const times = ['BillingPeriodStart', 'ChargePeriodStart', 'ChargePeriodEnd', 'BillingPeriodEnd'].map(
      (name) => row[name],
    );
    expect(times).toEqual(times.toSorted());
    for (const name of ['ContractedCost', 'ListCost', 'EffectiveCost']) expect(row[name]).toBe(row['BilledCost']);
  }
  const names = columnsOf(csv);
  const own = names.filter((name) => /^x_[A-Z][A-Za-z]{1,48}$/.test(name));
  expect(own.length).toBeGreaterThan(5);
  expect(names.slice(-own.length)).toEqual(own);
  expect(names.slice(0, -own.length).every((name) => isFocusColumn(name))).toBe(true);
});
