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
  ...scores: EncodedScore[],
];
type EncodedScore = [name: string, score: number | boolean, atMs: number, eventId: string];

/** Pages of an hour's parts, each of one use case, which is the page's `first`. */
export function encodeInstances(parts: Iterable<InstancePart>): EncodedPage[] {
  const byUseCase = new Map<string, string[]>();
  for (const part of parts) {
    const texts = byUseCase.get(part.useCase);
    if (texts) texts.push(JSON.stringify(encodePart(part)));
    else byUseCase.set(part.useCase, [JSON.stringify(encodePart(part))]);
  }
  return [...byUseCase].flatMap(([first, texts]) =>
    split(texts, Buffer.byteLength, PAGE_PARTS, PAGE_BYTES).map((run) => ({
      first,
      columns: toColumns(deflateRawSync(`[${run.join()}]`, { level: 1 }).toString('base64')),
    })),
  );
}

export function decodeInstances(useCase: string, columns: Partial<TextColumns>): InstancePart[] {
  const json = inflateRawSync(Buffer.from(fromColumns(columns), 'base64')).toString();
  return (JSON.parse(json) as EncodedPart[]).map((part) => decodePart(useCase, part));
}

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
  ...(part.scores.size === 0 ? [] : scoresOf(part)),
];

const scoresOf = ({ scores }: InstancePart): EncodedScore[] =>
  [...scores].map(([name, { score, atMs, eventId }]): EncodedScore => [name, score, atMs, eventId]);

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
