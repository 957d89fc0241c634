import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { RequestShape } from '../../../model/request/request-shape.ts';
import { createTurns } from '../../../util/loop.ts';

/** One request of a batch, without its texts. */
export interface BatchedRequest {
  customId: string;
  shape: RequestShape;
  /** Files of the provider that it names. */
  fileIds: string[];
}

/** Requests of a page. Their shapes are much alike, so that a page takes a few bytes for each. */
const PER_PAGE = 1_000;

/** The shapes of a batch's requests by the digests of their ids: an id is the caller's text, which is not kept. */
export type KeptRequests = Map<string, RequestShape>;

/** 12 bytes of SHA-256. */
export const digestOfId = (customId: string): string =>
  createHash('sha256').update(customId).digest().subarray(0, 12).toString('base64url');

/** As texts for the columns of rows. */
export function toPages(requests: readonly BatchedRequest[]): string[] {
  const pages: string[] = [];
  for (let at = 0; at < requests.length; at += PER_PAGE) {
    const entries = requests.slice(at, at + PER_PAGE).map(({ customId, shape }) => [digestOfId(customId), shape]);
    pages.push(deflateRawSync(JSON.stringify(entries)).toString('base64'));
  }
  return pages;
}

/** Page by page, so that a large batch holds up no request. */
export async function fromPages(pages: readonly string[]): Promise<KeptRequests> {
  const kept: KeptRequests = new Map();
  const turns = createTurns();
  for (const page of pages) {
    const text = inflateRawSync(Buffer.from(page, 'base64')).toString();
    for (const [digest, shape] of JSON.parse(text) as [string, RequestShape][]) kept.set(digest, shape);
    await turns.giveWay();
  }
  return kept;
}
