import { providerNameOf } from '../provider-name.ts';
import type { AnyDimension, Dimension } from '../usage-group.ts';
import { type Column, csvOf, decimals } from './csv.ts';
import type { Interval, UsageQuery } from './usage-query.ts';
import type { UsageReport, UsageRow } from './usage-report.ts';

/**
 * Usage in the columns of FOCUS 1.2, the FinOps Open Cost and Usage Specification (https://focus.finops.org). A row is what one model
 * cost in one period for one group. Unit prices have no column: a row adds up tokens of several prices.
 */
export const usageFocus = ({ from, to, interval, rows }: UsageReport): string =>
  csvOf(columnsOf({ from, to, interval }), rows);

/** What FOCUS needs of a query: periods within a month, and provider and model of each row; by default use case and account too. */
export function focusQuery(query: UsageQuery): UsageQuery {
  const groupBy = query.groupBy.length === 0 ? (['useCase', 'account'] as const) : query.groupBy;
  return {
    ...query,
    interval: query.interval === 'none' ? 'day' : query.interval,
    groupBy: [...new Set<AnyDimension>([...groupBy, 'category', 'model'])],
  };
}

/** In tags: groups that no column of FOCUS stands for. */
const tagged = ['useCase', 'version', 'step', 'user', 'key', 'outcome'] as const satisfies Dimension[];
/** Billed by a provider to this app, under an account that the app does not know. */
const BILLING_ACCOUNT = 'trailmeter';
const NO_CALL_OF_A_MODEL = 'refused before a model was called';

const providerOf = ({ category }: UsageRow): string => (category ? providerNameOf(category) : BILLING_ACCOUNT);
const modelOf = ({ model }: UsageRow): string => model ?? NO_CALL_OF_A_MODEL;
const tokensOf = ({ tokens }: UsageRow): number => tokens.input + tokens.output;
/** FOCUS wants a number in each row: `x_RequestsWithoutPrice` says that calls without a price are not in it. */
const cost = ({ estimatedUsd }: UsageRow): string => decimals(estimatedUsd ?? 0);

function columnsOf(report: { from: string; to: string; interval: Interval }): Column<UsageRow>[] {
  return [
    ['BilledCost', cost],
    ['BillingAccountId', () => BILLING_ACCOUNT],
    ['BillingAccountName', () => BILLING_ACCOUNT],
    ['BillingCurrency', () => 'USD'],
    ['BillingPeriodEnd', (row) => timeOf(endOf('month', monthOf(startOf(row))))],
    ['BillingPeriodStart', (row) => timeOf(monthOf(startOf(row)))],
    ['ChargeCategory', () => 'Usage'],
    ['ChargeClass', () => null],
    ['ChargeDescription', (row) => `Calls of ${modelOf(row)}${row.useCase ? ` by ${row.useCase}` : ''}`],
    ['ChargeFrequency', () => 'Usage-Based'],
    ['ChargePeriodEnd', (row) => timeOf(Math.min(endOf(report.interval, startOf(row)), Date.parse(report.to)))],
    ['ChargePeriodStart', (row) => timeOf(Math.max(startOf(row), Date.parse(report.from)))],
    ['ConsumedQuantity', tokensOf],
    ['ConsumedUnit', () => 'Tokens'],
    ['ContractedCost', cost],
    ['EffectiveCost', cost],
    ['InvoiceIssuerName', providerOf],
    ['ListCost', cost],
    ['PricingCategory', () => 'Standard'],
    ['PricingQuantity', tokensOf],
    ['PricingUnit', () => 'Tokens'],
    ['ProviderName', providerOf],
    ['PublisherName', providerOf],
    ['ServiceCategory', () => 'AI and Machine Learning'],
    ['ServiceName', (row) => `${providerOf(row)} API`],
    ['ServiceSubcategory', () => 'Generative AI'],
    ['SkuId', modelOf],
    ['SkuMeter', () => 'Tokens'],
    ['SkuPriceId', modelOf],
    ['SubAccountId', (row) => row.account],
    ['SubAccountName', (row) => row.account],
    ['Tags', tagsOf],
    ['x_PayiCost', (row) => decimals(row.payiUsd)],
    ['x_Requests', (row) => row.requests],
    ['x_RequestsWithoutPrice', (row) => row.unestimated],
    ['x_RefusedCalls', (row) => row.refused],
    ['x_InputTokens', (row) => row.tokens.input],
    ['x_OutputTokens', (row) => row.tokens.output],
    ['x_CacheReadTokens', (row) => row.tokens.cacheRead],
    ['x_CacheWriteTokens', (row) => row.tokens.cacheWrite],
  ];
}

const startOf = ({ start = '' }: UsageRow): number => Date.parse(start);

const monthOf = (ms: number): number => Date.parse(`${new Date(ms).toISOString().slice(0, 7)}-01T00:00:00Z`);

/** When the interval that begins then ends, ms. */
function endOf(interval: Interval, startMs: number): number {
  const end = new Date(startMs);
  if (interval === 'hour') end.setUTCHours(end.getUTCHours() + 1);
  else if (interval === 'month') end.setUTCMonth(end.getUTCMonth() + 1);
  else end.setUTCDate(end.getUTCDate() + 1);
  return end.getTime();
}

/** Without fractions of a second, as FOCUS has it. */
const timeOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** JSON; null without a tag. */
function tagsOf(row: UsageRow): string | null {
  const groups = tagged.map((name): [string, string | null | undefined] => [name, row[name]]);
  const tags = [...groups, ...Object.entries(row.properties ?? {})].filter(([, value]) => value);
  return tags.length === 0 ? null : JSON.stringify(Object.fromEntries(tags));
}
