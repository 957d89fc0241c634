import type { LedgerRow } from '../ledger/ledger-row.ts';
import { providerNameOf } from '../usage/provider-name.ts';
import { tokensOf } from '../usage/tokens.ts';
import { unitsOf } from '../usage/usage-figures.ts';
import { uuidV7Ms } from '../util/ids.ts';

/** nano-USD for money, ms (UTC) for times, JSON texts where the name says so; undefined is null. */
export type ExportValue = string | number | bigint | undefined;

export interface ExportColumn {
  name: string;
  /** `money` is nano-USD here and USD with nine decimals in the file. */
  type: 'text' | 'integer' | 'long' | 'time' | 'money';
  /** Adds up: in a row that takes an earlier one back it has the opposite sign. */
  adds?: true;
  of(row: LedgerRow, tokens: ReturnType<typeof tokensOf>, part: number): ExportValue;
}

/**
 * Columns of the exported files, in order. FOCUS names (https://focus.finops.org) where they exist, then those of OpenTelemetry
 * (`gen_ai.…` with underscores); our own begin with `x_`, as FOCUS wants it. docs/analytics.md describes them. A column that was
 * published keeps its name, type and meaning.
 */
export const exportColumns: readonly ExportColumn[] = [
  { name: 'x_EventId', type: 'text', of: (row) => row.rowKey },
  { name: 'x_Sign', type: 'integer', adds: true, of: () => 1 },
  { name: 'x_Part', type: 'integer', of: (_row, _tokens, part) => part },
  { name: 'x_Kind', type: 'text', of: (row) => row.kind },
  { name: 'ChargePeriodStart', type: 'time', of: startOf },
  { name: 'ChargePeriodEnd', type: 'time', of: endOf },
  { name: 'BilledCost', type: 'money', adds: true, of: (row) => row.estimatedCost },
  { name: 'BillingCurrency', type: 'text', of: () => 'USD' },
  { name: 'ProviderName', type: 'text', of: ({ category }) => category && providerNameOf(category) },
  { name: 'SubAccountId', type: 'text', of: (row) => row.accountName },
  { name: 'gen_ai_response_model', type: 'text', of: (row) => row.resource },
  { name: 'gen_ai_usage_input_tokens', type: 'long', adds: true, of: (_, { input }) => input },
  { name: 'gen_ai_usage_output_tokens', type: 'long', adds: true, of: (_, { output }) => output },
  { name: 'gen_ai_usage_cache_read_input_tokens', type: 'long', adds: true, of: (_, { cacheRead }) => cacheRead },
  { name: 'gen_ai_usage_cache_creation_input_tokens', type: 'long', adds: true, of: (_, { cacheWrite }) => cacheWrite },
  { name: 'http_response_status_code', type: 'integer', of: (row) => row.httpStatusCode },
  { name: 'user_id', type: 'text', of: (row) => row.userId },
  { name: 'x_UseCase', type: 'text', of: (row) => row.useCaseName },
  { name: 'x_UseCaseId', type: 'text', of: (row) => row.useCaseId },
  { name: 'x_UseCaseVersion', type: 'long', of: (row) => row.useCaseVersion },
  { name: 'x_Step', type: 'text', of: (row) => row.useCaseStep },
  { name: 'x_AccessKey', type: 'text', of: (row) => row.keyName },
  { name: 'x_Category', type: 'text', of: (row) => row.category },
  { name: 'x_Outcome', type: 'text', of: (row) => row.outcome },
  { name: 'x_Requests', type: 'integer', adds: true, of: (row) => (row.kind === 'usage' ? 1 : 0) },
  {
    name: 'x_RequestsWithoutPrice',
    type: 'integer',
    adds: true,
    of: (row) => countOf(row, row.estimatedCost === undefined),
  },
  { name: 'x_PayiCost', type: 'money', adds: true, of: (row) => row.pricedCost },
  {
    name: 'x_PayiPricedRequests',
    type: 'integer',
    adds: true,
    of: (row) => countOf(row, row.pricedCost !== undefined),
  },
  { name: 'x_LatencyMs', type: 'integer', of: (row) => row.endToEndLatencyMs },
  { name: 'x_TimeToFirstTokenMs', type: 'integer', of: (row) => row.timeToFirstTokenMs },
  { name: 'x_UnitsJson', type: 'text', of: (row) => row.units },
  { name: 'x_PropertiesJson', type: 'text', of: (row) => row.properties },
  { name: 'x_ScoresJson', type: 'text', of: (row) => row.kpis },
  { name: 'x_LedgerState', type: 'text', of: (row) => row.state },
  { name: 'x_PayiRequestId', type: 'text', of: (row) => row.payiRequestId },
];

/** The hour of a file is that of the event id, so this time is too. */
function startOf(row: LedgerRow): number {
  return uuidV7Ms(row.rowKey) ?? 0;
}

function endOf(row: LedgerRow): number | undefined {
  return row.endToEndLatencyMs === undefined ? undefined : startOf(row) + row.endToEndLatencyMs;
}

const countOf = (row: LedgerRow, isCounted: boolean): number => (row.kind === 'usage' && isCounted ? 1 : 0);

/** The values of a row, in the order of `exportColumns`. */
export type ExportRow = readonly ExportValue[];

/** What the ledger has of an event, as a row of the file with this number. */
export function exportRowOf(row: LedgerRow, part: number): ExportRow {
  const units = new Map(unitsOf(row).map(([name, { input = 0, output = 0 }]) => [name, { input, output }]));
  const tokens = tokensOf(units);
  return exportColumns.map((column) => wellFormed(column.of(row, tokens, part)));
}

/** As a file can have it: read again, a text with half a character would be another one. */
const wellFormed = (value: ExportValue): ExportValue =>
  typeof value === 'string' && halfCharacter.test(value) ? value.replaceAll(halfCharacters, '\ufffd') : value;

const halfCharacter = /\p{Surrogate}/u;
const halfCharacters = /\p{Surrogate}/gu;
