import { type CallAmounts, noAmounts, sumOfAmounts } from '../../../limits/policies/units.ts';
import { countTokensBody } from '../../../model/request/count-tokens.ts';
import type { RequestShape } from '../../../model/request/request-shape.ts';
import { boundsItself } from '../../../tracking/holds/bound.ts';
import { boundAmounts } from '../../../tracking/holds/call-amounts.ts';
import { inParallel } from '../../../util/in-parallel.ts';
import { type ReadBatchRequest, readBatchedRequests } from './batch-requests.ts';

/** So many requests of a batch, the longest ones, are counted where its bound by bytes does not fit. */
const MOST_COUNTED = 100;
/** All that is sent to be counted. */
const MOST_BYTES = 4_000_000;
const COUNTED_AT_ONCE = 8;

/** What of a batch can be counted before it is refused. */
export interface BatchCounts {
  /** Bodies for count_tokens. */
  counted: { shape: RequestShape; body: string }[];
  /** The most that all other requests can use, by their bytes. */
  rest: CallAmounts;
}

/** Nothing is counted where that could lower the bound by less than a fifth. @throws RequestError as `readBatchedRequests` */
export function readBatchCounts(bytes: Uint8Array, betas: string | null, atMs: number): BatchCounts {
  const requests = readBatchedRequests(bytes, betas).sort(longestFirst);
  const chosen = longest(requests);
  const rest = sumOf(requests.slice(chosen.length).map(({ shape }) => boundAmounts(shape, atMs)));
  const others = requests.slice(0, chosen.length);
  const byBytes = sumOf(others.map(({ shape }) => boundAmounts(shape, atMs)));
  const least = sumOf(others.map(({ shape }) => boundAmounts(shape, atMs, 0)));
  const isWorthIt = (byBytes.nanoUsd - least.nanoUsd) * 5n >= byBytes.nanoUsd + rest.nanoUsd;
  return isWorthIt ? { counted: chosen, rest } : { counted: [], rest: sumOfAmounts(rest, byBytes) };
}

/** Of requests in their order the first ones that can be counted. */
function longest(requests: readonly ReadBatchRequest[]): BatchCounts['counted'] {
  const counted: BatchCounts['counted'] = [];
  let left = MOST_BYTES;
  for (const { shape, params } of requests.slice(0, MOST_COUNTED)) {
    const body = countTokensBody(params);
    left -= Buffer.byteLength(body);
    if (!isCountable(shape) || left < 0) break;
    counted.push({ shape, body });
  }
  return counted;
}

const sumOf = (all: readonly CallAmounts[]): CallAmounts => all.reduce(sumOfAmounts, noAmounts);

/** The bound of a batch with its longest requests as the provider counts them; undefined of `count`: it did not count. */
export async function countedBound(
  { counted, rest }: BatchCounts,
  atMs: number,
  count: (body: string) => Promise<number | undefined>,
): Promise<CallAmounts> {
  const bounds = await inParallel(counted, COUNTED_AT_ONCE, async ({ shape, body }) => {
    const byBytes = boundAmounts(shape, atMs);
    const tokens = await count(body);
    const byCount = tokens === undefined ? byBytes : boundAmounts(shape, atMs, tokens);
    return byCount.nanoUsd < byBytes.nanoUsd ? byCount : byBytes;
  });
  return bounds.reduce(sumOfAmounts, rest);
}

/** Those that cannot be counted come last. */
const longestFirst = (a: ReadBatchRequest, b: ReadBatchRequest): number => lengthOf(b) - lengthOf(a);
const lengthOf = ({ shape }: ReadBatchRequest): number => (isCountable(shape) ? shape.textBytes : 0);

/** A count sees none of what tools of the provider add. */
const isCountable = (shape: RequestShape): boolean => shape.countable && boundsItself(shape);
