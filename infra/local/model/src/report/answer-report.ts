import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiProblem, invalid, sendJson } from '../errors.ts';
import { type Dimension, dimensions, type Group, keySent, type ReportSums, type UsageReport } from './usage-report.ts';

const BETA = 'analytics-usage-cost-2026-08-24';
const adminKey = /^sk-ant-admin/;
const HOUR_MS = 3_600_000;
const LONGEST_MS = 31 * 24 * HOUR_MS;
const MOST_ROWS = 1_000;
const USUAL_ROWS = 20;
const MOST_DIMENSIONS = 5;

/** `GET /v1/organizations/analytics/usage` and `…/cost`. */
export function answerReport(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  { report, nowMs, headers }: { report: UsageReport; nowMs: number; headers: Record<string, string> },
): void {
  if (!adminKey.test(keySent(request.headers))) throw new ApiProblem(403, 'This endpoint requires an Admin API key');
  if (!String(request.headers['anthropic-beta'] ?? '').includes(BETA))
    throw invalid(`anthropic-beta: ${BETA} is missing`);
  const query = new URL(`http://127.0.0.1${request.url}`).searchParams;
  const isCost = path.endsWith('/cost');
  const by = groupsOf(query, isCost);
  const fromMs = hourOf(query.get('starting_at') ?? '');
  const beforeMs = query.has('ending_at') ? hourOf(query.get('ending_at') ?? '') : Math.min(nowMs, fromMs + LONGEST_MS);
  if (beforeMs - fromMs > LONGEST_MS) throw invalid('The range may span at most 31 days');
  const limit = numberOf(query.get('limit'), USUAL_ROWS);
  if (limit < 1 || limit > MOST_ROWS) throw invalid(`limit must be from 1 to ${MOST_ROWS}`);
  const at = numberOf(query.get('page')?.replace(/^page_/, '') ?? null, 0);
  const groups = report.between(fromMs, beforeMs, by.dimensions, listOf(query, 'api_key_ids'));
  groups.sort(([, a], [, b]) => totalOf(b) - totalOf(a));
  const period = { starting_at: new Date(fromMs).toISOString(), ending_at: new Date(beforeMs).toISOString() };
  // Rows by cost type do not count towards the limit.
  const page = groups.slice(at, at + limit);
  const hasMore = groups.length > at + limit;
  sendJson(
    response,
    200,
    {
      data: page.flatMap((row) =>
        isCost ? costRows(row, by.costType).map((one) => ({ ...period, ...one })) : [{ ...period, ...usageRow(row) }],
      ),
      data_refreshed_at: new Date(nowMs).toISOString(),
      has_more: hasMore,
      next_page: hasMore ? `page_${at + limit}` : null,
    },
    headers,
  );
}

const totalOf = ({ tokens }: ReportSums): number => Object.values(tokens).reduce((sum, count) => sum + count, 0);

function groupsOf(query: URLSearchParams, isCost: boolean): { dimensions: Dimension[]; costType: boolean } {
  const named = listOf(query, 'group_by');
  const wrong = named.find((name) => !dimensions.some((one) => one === name) && !(isCost && name === 'cost_type'));
  if (wrong !== undefined) throw invalid(`group_by: ${wrong} is not a dimension of the stand-in`);
  const found = dimensions.filter((name) => named.includes(name));
  if (found.length > MOST_DIMENSIONS) throw invalid(`group_by takes at most ${MOST_DIMENSIONS} dimensions`);
  return { dimensions: found, costType: named.includes('cost_type') };
}

const usageRow = ([group, { requests, tokens, searches }]: [Group, ReportSums]) => ({
  group,
  usage: {
    requests,
    uncached_input_tokens: tokens.uncached_input_tokens,
    output_tokens: tokens.output_tokens,
    cache_read_input_tokens: tokens.cache_read_input_tokens,
    cache_creation: {
      ephemeral_5m_input_tokens: tokens['cache_creation.ephemeral_5m_input_tokens'],
      ephemeral_1h_input_tokens: tokens['cache_creation.ephemeral_1h_input_tokens'],
    },
    server_tool_use: { web_search_requests: searches },
    total_tokens: totalOf({ tokens } as ReportSums),
  },
});

function costRows([group, sums]: [Group, ReportSums], byType: boolean): object[] {
  const row = (type: string | null, pico: number) => ({
    group: { ...group, cost_type: type, token_type: null },
    cost: {
      amount: centsOf(pico),
      list_amount: centsOf(pico),
      currency: 'USD',
      requests: byType ? null : sums.requests,
    },
  });
  if (!byType) return [row(null, sums.tokenCost + sums.searchCost)];
  return [row('tokens', sums.tokenCost), ...(sums.searches > 0 ? [row('web_search', sums.searchCost)] : [])];
}

/** A cent is 10¹⁰ pico-USD. */
function centsOf(pico: number): string {
  const digits = String(Math.round(pico)).padStart(11, '0');
  return `${digits.slice(0, -10)}.${digits.slice(-10)}`;
}

const listOf = (query: URLSearchParams, name: string): string[] => [
  ...query.getAll(name),
  ...query.getAll(`${name}[]`),
];

function hourOf(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalid('starting_at and ending_at must be RFC 3339 times');
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}

function numberOf(text: string | null, otherwise: number): number {
  if (text === null) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw invalid(`${text} is not a number`);
  return Number(text);
}
