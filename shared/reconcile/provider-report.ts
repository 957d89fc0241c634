import type Anthropic from '@anthropic-ai/sdk';
import { z } from 'zod';
import { TrailmeterError } from '../errors/trailmeter-error.ts';
import { pricedModel } from '../pricing/price-book.ts';
import { modifierNames } from '../pricing/price-row.ts';
import { DAY_MS } from '../util/days.ts';
import { noBilledAmounts } from './amounts.ts';
import { type BookName, bookKey } from './day-books.ts';
import type { ProviderBook, ProviderLine } from './provider-book.ts';

/** The category of calls that Anthropic itself serves and reports. */
export const REPORTED_CATEGORY = 'system.anthropic';

/** The provider gave no report, or one that cannot be read. */
export class ProviderReportError extends TrailmeterError {
  constructor(reason: string, cause?: unknown) {
    super('provider_report_unavailable', `Anthropic's usage and cost report: ${reason}`, { status: 502, cause });
  }
}

const groupSchema = z.looseObject({
  model: z.string().nullable(),
  service_tier: z.string().nullable(),
  speed: z.string().nullable(),
  inference_geo: z.string().nullable(),
});
const count = z.number().int().min(0);
const usageSchema = z.looseObject({
  group: groupSchema,
  usage: z.looseObject({
    uncached_input_tokens: count,
    output_tokens: count,
    cache_read_input_tokens: count,
    cache_creation: z.looseObject({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }),
    server_tool_use: z.looseObject({ web_search_requests: count }),
  }),
});
const cents = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .transform(nanoFromCents);
const costSchema = z.looseObject({
  group: groupSchema.extend({ cost_type: z.string().nullable() }),
  cost: z.looseObject({ amount: cents, list_amount: cents, currency: z.literal('USD') }),
});

const groupBy = ['model', 'service_tier', 'speed', 'inference_geo'] as const;
const PAGE_ROWS = 1_000;
/** More rows than any organisation has models, tiers and regions. */
const MOST_ROWS = 50_000;

export interface ReportRequest {
  /** Gives a client with a key of the Admin API. */
  client: () => Promise<Pick<Anthropic, 'beta'>>;
  /** The day's first moment: ms, UTC. */
  startMs: number;
  /** Ids of the API keys to report; empty: the whole organisation. */
  apiKeyIds: readonly string[];
}

/** The provider's own report of a day, from its Usage and Cost Analytics API. @throws ProviderReportError */
export async function readProviderReport({ client, startMs, apiKeyIds }: ReportRequest): Promise<ProviderBook> {
  const range = {
    starting_at: new Date(startMs).toISOString(),
    ending_at: new Date(startMs + DAY_MS).toISOString(),
    limit: PAGE_ROWS,
    ...(apiKeyIds.length > 0 && { api_key_ids: [...apiKeyIds] }),
  };
  const { usage, cost } = (await client()).beta.organization.analytics;
  const lines = new Map<string, ProviderLine>();
  const besides = new Map<string, bigint>();
  let refreshedMs: number | undefined;
  try {
    const used = await usage.list({ ...range, group_by: [...groupBy] });
    refreshedMs = used.data_refreshed_at === null ? undefined : Date.parse(used.data_refreshed_at);
    for await (const row of bounded(used)) {
      const { group, usage: said } = usageSchema.parse(row);
      const { amounts } = lineOf(lines, group);
      amounts.input += said.uncached_input_tokens;
      amounts.output += said.output_tokens;
      amounts.cache_read += said.cache_read_input_tokens;
      amounts.cache_write += said.cache_creation.ephemeral_5m_input_tokens;
      amounts.cache_write_1h += said.cache_creation.ephemeral_1h_input_tokens;
      amounts.web_search += said.server_tool_use.web_search_requests;
    }
    const billed = await cost.list({ ...range, group_by: [...groupBy, 'cost_type'] });
    for await (const row of bounded(billed)) {
      const { group, cost: said } = costSchema.parse(row);
      if (group.model === null || (group.cost_type !== 'tokens' && group.cost_type !== 'web_search')) {
        const name = group.cost_type ?? 'other';
        besides.set(name, (besides.get(name) ?? 0n) + said.amount);
        continue;
      }
      const line = lineOf(lines, group);
      line.cost += said.amount;
      line.listCost += said.list_amount;
    }
  } catch (error) {
    throw asReportError(error);
  }
  return { category: REPORTED_CATEGORY, lines: [...lines.values()], besides, refreshedMs };
}

async function* bounded<T>(rows: AsyncIterable<T>): AsyncIterable<T> {
  let read = 0;
  for await (const row of rows) {
    if (read++ === MOST_ROWS) throw new ProviderReportError(`it has more than ${MOST_ROWS} rows for a day.`);
    yield row;
  }
}

function lineOf(lines: Map<string, ProviderLine>, group: z.output<typeof groupSchema>): ProviderLine {
  const name: BookName = {
    category: REPORTED_CATEGORY,
    model: pricedModel(group.model ?? '') ?? group.model ?? 'other',
    modifiers: modifiersOfGroup(group).join(','),
  };
  const key = bookKey(name);
  const line = lines.get(key) ?? { ...name, amounts: noBilledAmounts(), cost: 0n, listCost: 0n };
  lines.set(key, line);
  return line;
}

/** In the order in which events name them; a tier that we do not know stands for itself. */
function modifiersOfGroup({ service_tier: tier, speed, inference_geo: geo }: z.output<typeof groupSchema>): string[] {
  const found = new Set<string>();
  if (speed === 'fast') found.add('fast');
  if (geo === 'us') found.add('us');
  if (tier !== null && tier !== 'standard') found.add(tier === 'priority_on_demand' ? 'priority' : tier);
  const known = modifierNames.filter((name) => found.delete(name));
  return [...known, ...found];
}

/** Fractional cents as nano-USD (a cent is 10⁷ of them), rounded to the nearest. */
function nanoFromCents(text: string): bigint {
  const isNegative = text.startsWith('-');
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const digits = BigInt(whole + fraction.padEnd(8, '0').slice(0, 8));
  const nano = (digits + 5n) / 10n;
  return isNegative ? -nano : nano;
}

function asReportError(error: unknown): ProviderReportError {
  if (error instanceof ProviderReportError) return error;
  if (error instanceof z.ZodError) {
    const where = error.issues.slice(0, 3).map(({ path, code }) => `${path.join('.')} (${code})`);
    return new ProviderReportError(`it has another form than expected: ${where.join(', ')}.`, error);
  }
  const status = (error as { status?: unknown } | null)?.status;
  if (status === 401 || status === 403)
    return new ProviderReportError('it refuses the key. Set ANTHROPIC_ADMIN_API_KEY to a key of the Admin API.', error);
  const reason = typeof status === 'number' ? `it answered ${status}` : 'it gave no answer';
  return new ProviderReportError(`${reason}. Try again later.`, error);
}
