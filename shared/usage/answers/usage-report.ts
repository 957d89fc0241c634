import type { Outcome } from '../../events/usage-event.ts';
import { toUsd } from '../../util/money.ts';
import { quantiles, RELATIVE_ERROR, type Sketch } from '../sketch.ts';
import { startOfSpan } from '../spans.ts';
import { type Tokens, tokensOf } from '../tokens.ts';
import { estimatedUsdOf } from '../usage-figures.ts';
import { type AnyDimension, type Dimension, propertyNameOf } from '../usage-group.ts';
import type { UsageRowsPage } from './read-usage.ts';
import { cursorOf } from './usage-cursor.ts';
import { type Interval, sortedBy, type UsageQuery } from './usage-query.ts';
import type { UsageSum } from './usage-rows.ts';

/** ms, each off by `latencyError` of the value at most. */
export interface Percentiles {
  p50: number;
  p90: number;
  p95: number;
  p99: number;
}

/** One row of usage. Dimensions that are grouped by are members of it; null where calls have none. */
export interface UsageRow extends Partial<Record<Dimension, string | null>> {
  /** When its interval begins; absent without one. */
  start?: string;
  /** Properties that are grouped by; absent without any. */
  properties?: Record<string, string | null>;
  /** HTTP attempts at a provider, by how they ended. */
  requests: number;
  succeeded: number;
  failed: number;
  aborted: number;
  abandoned: number;
  /** Calls that a limit refused before they were made; not among the requests. */
  refused: number;
  units: Record<string, { input: number; output: number }>;
  tokens: Tokens;
  /** Of all tokens that were sent, those that were read from a cache: 0 to 1; null without any. */
  cacheShare: number | null;
  /** USD by our price book. */
  estimatedUsd: number | null;
  /** Requests without a price there. */
  unestimated: number;
  /** USD of the requests that Pay-i priced when it took them. */
  payiUsd: number;
  payiPriced: number;
  /** Of requests that succeeded. */
  latencyMs: Percentiles | null;
  /** Of streams that succeeded. */
  timeToFirstTokenMs: Percentiles | null;
}

export interface UsageReport {
  /** Whole hours, UTC. */
  from: string;
  to: string;
  interval: Interval;
  groupBy: AnyDimension[];
  latencyError: number;
  rows: UsageRow[];
  /** `cursor` of the next page; null at the end. */
  next: string | null;
}

export function usageReport(query: UsageQuery, { rows, more }: UsageRowsPage): UsageReport {
  const last = rows.at(-1);
  return {
    from: isoOf(query.from),
    to: isoOf(query.before),
    interval: query.interval,
    groupBy: [...query.groupBy],
    latencyError: RELATIVE_ERROR,
    rows: rows.map((row) => usageRow(query.groupBy, row)),
    next: more && last ? cursorOf(last.place) : null,
  };
}

export function usageRow(groupBy: readonly AnyDimension[], { place, figures, outcomes }: UsageSum): UsageRow {
  const start = place.at(-1);
  const tokens = tokensOf(figures.units);
  const ended = (outcome: Outcome): number => outcomes.get(outcome) ?? 0;
  return {
    ...(start && { start }),
    ...groupOf(sortedBy(groupBy), place),
    requests: figures.requests,
    succeeded: ended('succeeded'),
    failed: ended('failed'),
    aborted: ended('aborted'),
    abandoned: ended('abandoned'),
    refused: figures.refused,
    units: Object.fromEntries([...figures.units].sort(([a], [b]) => (a < b ? -1 : 1))),
    tokens,
    cacheShare: tokens.input === 0 ? null : tokens.cacheRead / tokens.input,
    estimatedUsd: estimatedUsdOf(figures),
    unestimated: figures.unestimated,
    payiUsd: toUsd(figures.pricedCost),
    payiPriced: figures.priced,
    latencyMs: percentiles(figures.latency),
    timeToFirstTokenMs: percentiles(figures.firstToken),
  };
}

function groupOf(groupBy: readonly AnyDimension[], place: UsageSum['place']): Pick<UsageRow, Dimension | 'properties'> {
  const group: Partial<Record<Dimension, string | null>> = {};
  const properties: Record<string, string | null> = {};
  for (const [at, dimension] of groupBy.entries()) {
    const name = propertyNameOf(dimension);
    if (name === undefined) group[dimension as Dimension] = place[at] || null;
    else properties[name] = place[at] || null;
  }
  return { ...group, ...(Object.keys(properties).length > 0 && { properties }) };
}

const isoOf = (hour: string): string => new Date(startOfSpan(hour)).toISOString();

function percentiles(sketch: Sketch): Percentiles | null {
  const [p50 = 0, p90 = 0, p95 = 0, p99 = 0] = (quantiles(sketch, [0.5, 0.9, 0.95, 0.99]) ?? []).map(Math.round);
  return sketch.size === 0 ? null : { p50, p90, p95, p99 };
}
