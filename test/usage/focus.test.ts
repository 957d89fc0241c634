import { expect, test } from 'vitest';
import { focusQuery, usageFocus } from '../../shared/usage/answers/usage-focus.ts';
import type { UsageQuery } from '../../shared/usage/answers/usage-query.ts';
import { usageReport } from '../../shared/usage/answers/usage-report.ts';
import { noUsage } from '../../shared/usage/usage-figures.ts';

/**
 * The rules of FOCUS 1.2 (FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec, tag v1.2) for the columns that are mandatory and those that we
 * have besides: level, whether null is allowed, type or allowed values.
 */
type Rule = [level: 'mandatory' | 'other', nulls: boolean, type: 'decimal' | 'string' | 'time' | 'json' | string[]];
const rules: Record<string, Rule> = {
  BilledCost: ['mandatory', false, 'decimal'],
  BillingAccountId: ['mandatory', false, 'string'],
  BillingAccountName: ['mandatory', true, 'string'],
  BillingCurrency: ['mandatory', false, ['USD']],
  BillingPeriodEnd: ['mandatory', false, 'time'],
  BillingPeriodStart: ['mandatory', false, 'time'],
  ChargeCategory: ['mandatory', false, ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment']],
  ChargeClass: ['mandatory', true, ['Correction']],
  ChargeDescription: ['mandatory', true, 'string'],
  ChargeFrequency: ['other', false, ['One-Time', 'Recurring', 'Usage-Based']],
  ChargePeriodEnd: ['mandatory', false, 'time'],
  ChargePeriodStart: ['mandatory', false, 'time'],
  ConsumedQuantity: ['other', true, 'decimal'],
  ConsumedUnit: ['other', true, 'string'],
  ContractedCost: ['mandatory', false, 'decimal'],
  EffectiveCost: ['mandatory', false, 'decimal'],
  InvoiceIssuerName: ['mandatory', false, 'string'],
  ListCost: ['mandatory', false, 'decimal'],
  PricingCategory: ['other', true, ['Standard', 'Dynamic', 'Committed', 'Other']],
  PricingQuantity: ['mandatory', true, 'decimal'],
  PricingUnit: ['mandatory', true, 'string'],
  ProviderName: ['mandatory', false, 'string'],
  PublisherName: ['mandatory', false, 'string'],
  ServiceCategory: ['mandatory', false, ['AI and Machine Learning']],
  ServiceName: ['mandatory', false, 'string'],
  ServiceSubcategory: ['other', false, ['AI Platforms', 'Bots', 'Generative AI', 'Machine Learning']],
  SkuId: ['other', true, 'string'],
  SkuMeter: ['other', true, 'string'],
  SkuPriceId: ['other', true, 'string'],
  SubAccountId: ['other', true, 'string'],
  SubAccountName: ['other', true, 'string'],
  Tags: ['other', true, 'json'],
};

const forms = {
  decimal: /^-?\d+(\.\d+)?(E-?\d+)?$/,
  string: /\S/,
  time: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/,
};

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

/** What of a data set is against the rules. */
function violations(csv: string): string[] {
  const found: string[] = [];
  const names = csv.slice(0, csv.indexOf('\r\n')).split(',');
  const custom = names.filter((name) => !(name in rules));
  for (const name of custom) if (!/^x_[A-Z][A-Za-z]{1,48}$/.test(name)) found.push(`${name}: not a column`);
  if (custom.length > 0 && names.slice(-custom.length).join() !== custom.join()) found.push('custom columns last');
  for (const [name, [level]] of Object.entries(rules))
    if (level === 'mandatory' && !names.includes(name)) found.push(`${name}: missing`);
  for (const row of rowsOf(csv)) {
    for (const name of names) {
      const value = row[name] ?? null;
      const [, nulls, type] = rules[name] ?? ['other', true, 'decimal'];
      if (value === null) {
        if (!nulls) found.push(`${name}: null`);
      } else if (Array.isArray(type)) {
        if (!type.includes(value)) found.push(`${name}: ${value}`);
      } else if (type === 'json') {
        const flat = Object.values(JSON.parse(value) as object).every((one) => typeof one !== 'object');
        if (!flat) found.push(`${name}: nested`);
      } else if (!forms[type].test(value)) found.push(`${name}: ${value}`);
    }
    const at = (name: string) => Date.parse(row[name] ?? '');
    if (!(at('BillingPeriodStart') <= at('ChargePeriodStart') && at('ChargePeriodStart') < at('ChargePeriodEnd')))
      found.push('periods: order');
    if (at('ChargePeriodEnd') > at('BillingPeriodEnd')) found.push('periods: end');
    for (const [one, other] of [
      ['PricingQuantity', 'PricingUnit'],
      ['ConsumedQuantity', 'ConsumedUnit'],
      ['SubAccountId', 'SubAccountName'],
    ] as const)
      if ((row[one] === null) !== (row[other] === null)) found.push(`${other}: null without ${one}`);
    if (row['ChargeCategory'] === 'Usage' && (row['PricingQuantity'] === null || row['SkuId'] === null))
      found.push('usage without quantity or SKU');
    // Without unit prices the costs are those that are billed.
    for (const name of ['ContractedCost', 'ListCost', 'EffectiveCost'])
      if (row[name] !== row['BilledCost']) found.push(`${name}: not BilledCost`);
  }
  return found;
}

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

test('the rules find what is against them', () => {
  const csv = csvOf({}, [['a', 'b', 'system.openai', 'gpt-5.2', day('2026-11-30')]]);
  expect(violations(csv.replace('ListCost,', 'Cost,'))).toEqual(expect.arrayContaining(['Cost: not a column']));
  expect(violations(csv.replaceAll('T00:00:00Z', ' 00:00'))).toContain('ChargePeriodEnd: 2026-12-01 00:00');
  expect(violations(csv.replace('Usage-Based', 'Always'))).toEqual(['ChargeFrequency: Always']);
});
