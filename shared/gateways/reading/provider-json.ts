import { invalidField } from '../../errors/request-errors.ts';
import { refuseHeadersMember } from '../../http/forged-headers.ts';
import { parseJson, refuseJsonFault } from '../../http/json-body.ts';
import type { JsonBounds, MemberSpan } from '../../util/json/json-faults.ts';
import { isRecord } from '../../util/json/record.ts';

/** A JSON schema of a tool is the deepest that requests have; the walks over a body recurse no deeper. More values take too much memory. */
const providerBounds: JsonBounds = { depth: 200, values: 250_000 };

export interface ProviderJson {
  body: Record<string, unknown>;
  /** Where its members stand. */
  spans: ReadonlyMap<string, MemberSpan>;
}

/**
 * The body of a request that passes to a provider. The provider gets the same bytes, so it must read in them what we read.
 * @throws RequestError 400 for what is not a JSON object in UTF-8, nests deeper than 200, has a member twice, or has one called `headers`
 */
export function readProviderJson(bytes: Uint8Array): ProviderJson {
  const spans = new Map<string, MemberSpan>();
  refuseJsonFault(bytes, providerBounds, spans);
  const body = parseJson(bytes, 'body');
  if (!isRecord(body)) throw invalidField('body', 'must be a JSON object');
  refuseHeadersMember(body);
  return { body, spans };
}
