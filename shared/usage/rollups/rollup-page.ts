import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { RowKey } from '../../tables/table.ts';
import { fromColumns, type TextColumns, toColumns } from '../../tables/text-columns.ts';
import { split } from '../../util/split.ts';
import type { Sketch } from '../sketch.ts';
import type { UsageGroup } from '../usage-group.ts';

/** Some groups of a span in one row: JSON, deflated, in base64. */
export type RollupPage = RowKey & TextColumns;

const PAGE_GROUPS = 400;
/** A row takes 1 MiB, in UTF-16. Even when nothing is saved by deflating, base64 makes 800 kB of this. */
const PAGE_BYTES = 300_000;

export interface EncodedPage {
  /** User of its first group; use case of its instances. */
  first: string;
  columns: TextColumns;
}

/** @param groups sorted */
export function encodePages(groups: UsageGroup[]): EncodedPage[] {
  const texts = groups.map((group) => ({ user: group.values[0] ?? '', text: encodeGroup(group) }));
  return split(texts, ({ text }) => Buffer.byteLength(text), PAGE_GROUPS, PAGE_BYTES).map((run) => ({
    first: run[0]?.user ?? '',
    columns: toColumns(deflateRawSync(`[${run.map(({ text }) => text).join()}]`, { level: 1 }).toString('base64')),
  }));
}

export function decodePage(columns: Partial<TextColumns>): UsageGroup[] {
  const json = inflateRawSync(Buffer.from(fromColumns(columns), 'base64')).toString();
  return (JSON.parse(json) as EncodedGroup[]).map(decodeGroup);
}

/** Bucket and count in turn: a month has millions of them, and an array for each pair would take longer to parse than all the rest. */
type Counts = number[];
type EncodedGroup = [
  values: readonly string[],
  requests: number,
  refused: number,
  units: [name: string, input: number, output: number][],
  estimatedCost: string,
  unestimated: number,
  pricedCost: string,
  priced: number,
  latency: Counts,
  firstToken: Counts,
];

function countsOf(sketch: Sketch): Counts {
  // Most groups of an hour are of one call.
  if (sketch.size > 1) return [...sketch].sort(([a], [b]) => a - b).flat();
  const counts: Counts = [];
  for (const [bucket, count] of sketch) counts.push(bucket, count);
  return counts;
}

function sketchOf(counts: Counts): Sketch {
  const sketch: Sketch = new Map();
  for (let at = 0; at < counts.length; at += 2) sketch.set(counts[at] ?? 0, counts[at + 1] ?? 0);
  return sketch;
}

/** JSON has no bigint. Units and buckets are sorted, so that the same groups give the same text. */
function encodeGroup({ values, figures }: UsageGroup): string {
  const units: EncodedGroup[3] = [];
  for (const [name, { input, output }] of figures.units) units.push([name, input, output]);
  const encoded: EncodedGroup = [
    values,
    figures.requests,
    figures.refused,
    units.length > 1 ? units.sort(([a], [b]) => (a < b ? -1 : 1)) : units,
    figures.estimatedCost.toString(),
    figures.unestimated,
    figures.pricedCost.toString(),
    figures.priced,
    countsOf(figures.latency),
    countsOf(figures.firstToken),
  ];
  return JSON.stringify(encoded);
}

function decodeGroup([
  values,
  requests,
  refused,
  units,
  estimated,
  unestimated,
  priced,
  count,
  latency,
  firstToken,
]: EncodedGroup): UsageGroup {
  return {
    values,
    figures: {
      requests,
      refused,
      units: new Map(units.map(([name, input, output]) => [name, { input, output }])),
      estimatedCost: BigInt(estimated),
      unestimated,
      pricedCost: BigInt(priced),
      priced: count,
      latency: sketchOf(latency),
      firstToken: sketchOf(firstToken),
    },
  };
}
