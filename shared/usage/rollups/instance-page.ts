import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { fromColumns, type TextColumns, toColumns } from '../../tables/text-columns.ts';
import { split } from '../../util/split.ts';
import type { InstancePart, PartScore } from '../instance-part.ts';
import type { EncodedPage } from './rollup-page.ts';

/** The parts of one use case stand together, so that a use case is read alone. */
const PAGE_PARTS = 2_000;
const PAGE_BYTES = 300_000;

type EncodedPart = [
  id: string,
  user: string,
  version: string,
  account: string,
  requests: number,
  estimatedCost: string,
  unestimated: number,
  pricedCost: string,
  input: number,
  output: number,
  ...scores: [name: string, score: number | boolean, atMs: number, eventId: string][],
];

/** Pages of an hour's parts, each of one use case, which is the page's `first`. */
export function encodeInstances(parts: Iterable<InstancePart>): EncodedPage[] {
  const byUseCase = new Map<string, { id: string; text: string }[]>();
  for (const part of parts) {
    const texts = byUseCase.get(part.useCase) ?? [];
    byUseCase.set(part.useCase, texts);
    texts.push({ id: part.id, text: JSON.stringify(encodePart(part)) });
  }
  return [...byUseCase]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([first, texts]) =>
      split(sortedById(texts), ({ text }) => Buffer.byteLength(text), PAGE_PARTS, PAGE_BYTES).map((run) => ({
        first,
        columns: toColumns(deflateRawSync(`[${run.map(({ text }) => text).join()}]`, { level: 1 }).toString('base64')),
      })),
    );
}

export function decodeInstances(useCase: string, columns: Partial<TextColumns>): InstancePart[] {
  const json = inflateRawSync(Buffer.from(fromColumns(columns), 'base64')).toString();
  return (JSON.parse(json) as EncodedPart[]).map((part) => decodePart(useCase, part));
}

/** So that the same parts give the same pages. */
const sortedById = <T extends { id: string }>(parts: T[]): T[] => parts.sort((a, b) => (a.id < b.id ? -1 : 1));

const encodePart = (part: InstancePart): EncodedPart => [
  part.id,
  part.user,
  part.version,
  part.account,
  part.requests,
  part.estimatedCost.toString(),
  part.unestimated,
  part.pricedCost.toString(),
  part.input,
  part.output,
  ...[...part.scores]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { score, atMs, eventId }]): EncodedPart[10] => [name, score, atMs, eventId]),
];

function decodePart(
  useCase: string,
  [id, user, version, account, requests, estimated, unestimated, priced, input, output, ...scores]: EncodedPart,
): InstancePart {
  return {
    useCase,
    id,
    firstCall: '',
    user,
    version,
    account,
    requests,
    estimatedCost: BigInt(estimated),
    unestimated,
    pricedCost: BigInt(priced),
    input,
    output,
    scores: new Map(
      scores.map(([name, score, atMs, eventId]): [string, PartScore] => [name, { score, atMs, eventId }]),
    ),
  };
}
