import type { LedgerRow } from '../../shared/ledger/ledger-row.ts';
import type { UsageQuery } from '../../shared/usage/answers/usage-query.ts';
import type { UsageRow } from '../../shared/usage/answers/usage-report.ts';
import type { AnyDimension } from '../../shared/usage/usage-group.ts';

/** What `GET /api/usage` must say, from the events alone. Percentiles are exact; `expectRow` allows for the error that is stated. */
export function addUp(calls: LedgerRow[], { from, before, interval, groupBy, filters }: UsageQuery) {
  const sorted = groupBy.includes('user') ? ['user', ...groupBy.filter((name) => name !== 'user')] : [...groupBy];
  const groups = new Map<string, LedgerRow[]>();
  for (const call of calls) {
    const hour = call.occurredAt.slice(0, 13);
    if (hour < from || hour >= before) continue;
    if (Object.entries(filters).some(([name, value]) => valueIn(call, name) !== value)) continue;
    const start = startOf(hour, interval);
    const key = [...sorted.map((name) => valueIn(call, name)), start].join('\u0000');
    groups.set(key, [...(groups.get(key) ?? []), call]);
  }
  return [...groups.keys()]
    .sort(byParts)
    .map((key) => rowOf(key.split('\u0000'), sorted as AnyDimension[], groups.get(key) ?? []));
}

function byParts(a: string, b: string): number {
  const [one, other] = [a.split('\u0000'), b.split('\u0000')];
  const at = one.findIndex((part, place) => part !== other[place]);
  return at < 0 ? 0 : (one[at] ?? '') < (other[at] ?? '') ? -1 : 1;
}

function startOf(hour: string, interval: string): string {
  if (interval === 'none') return '';
  const cut = { hour: 13, day: 10, month: 7 }[interval];
  return `${hour.slice(0, cut)}${'2026-01-01T00:00:00.000Z'.slice(cut)}`;
}

function valueIn(call: LedgerRow, name: string): string {
  if (name.startsWith('property.'))
    return (JSON.parse(call.properties ?? '{}') as Record<string, string>)[name.slice('property.'.length)] ?? '';
  const values: Record<string, string | undefined> = {
    user: call.userId,
    useCase: call.useCaseName,
    version: call.useCaseVersion?.toString(),
    step: call.useCaseStep,
    account: call.accountName,
    key: call.keyName,
    category: call.category,
    model: call.resource,
    outcome: call.outcome,
  };
  return values[name] ?? '';
}

function rowOf(parts: string[], sorted: AnyDimension[], calls: LedgerRow[]): UsageRow {
  const start = parts.at(-1);
  const ended = (outcome: string) => calls.filter((call) => call.outcome === outcome).length;
  const units: UsageRow['units'] = {};
  for (const call of calls)
    for (const [name, { input = 0, output = 0 }] of Object.entries(
      JSON.parse(call.units ?? '{}') as UsageRow['units'],
    )) {
      const sum = units[name] ?? { input: 0, output: 0 };
      units[name] = { input: sum.input + input, output: sum.output + output };
    }
  const [text = 0, read = 0] = [units['text']?.input, units['text_cache_read']?.input];
  const succeeded = calls.filter((call) => call.outcome === 'succeeded');
  return {
    ...(start && { start }),
    ...groupOf(sorted, parts),
    requests: calls.length,
    succeeded: succeeded.length,
    failed: ended('failed'),
    aborted: ended('aborted'),
    abandoned: ended('abandoned'),
    refused: 0,
    units,
    tokens: { input: text + read, output: units['text']?.output ?? 0, cacheRead: read, cacheWrite: 0 },
    cacheShare: text + read === 0 ? null : read / (text + read),
    estimatedUsd: calls.every((call) => call.estimatedCost === undefined)
      ? null
      : usd(calls.map((call) => call.estimatedCost)),
    unestimated: calls.filter((call) => call.estimatedCost === undefined).length,
    payiUsd: usd(calls.map((call) => call.pricedCost)),
    payiPriced: calls.filter((call) => call.pricedCost !== undefined).length,
    latencyMs: near(succeeded.map((call) => call.endToEndLatencyMs)),
    timeToFirstTokenMs: near(succeeded.map((call) => call.timeToFirstTokenMs)),
  };
}

function groupOf(sorted: AnyDimension[], parts: string[]): Partial<UsageRow> {
  const values = sorted.map((name, at): [string, string | null] => [name, parts[at] || null]);
  const properties = values.flatMap(([name, value]): [string, string | null][] =>
    name.startsWith('property.') ? [[name.slice('property.'.length), value]] : [],
  );
  return {
    ...Object.fromEntries(values.filter(([name]) => !name.startsWith('property.'))),
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
  };
}

const usd = (costs: (bigint | undefined)[]): number =>
  Number(costs.reduce<bigint>((sum, cost) => sum + (cost ?? 0n), 0n)) / 1e9;

/** Percentiles that equal any within the error of 1 %, and the rounding to whole ms. */
function near(values: (number | undefined)[]): UsageRow['latencyMs'] {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const at = (share: number) => within(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) };
}

/** Stands for a number, in `toEqual`. */
const within = (value: number): number =>
  ({
    asymmetricMatch: (got: number) => Math.abs(got - value) <= value * 0.01 + 0.5,
    toString: () => `${value} ± 1 %`,
  }) as never;
