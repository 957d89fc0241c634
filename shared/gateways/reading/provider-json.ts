import { invalidField, type RequestError } from '../../errors/request-errors.ts';
import { refuseHeadersMember } from '../../http/forged-headers.ts';
import { parseJson } from '../../http/json-body.ts';
import { findJsonFault, type JsonFault, type MemberSpan } from '../../util/json/json-faults.ts';

/** A JSON schema of a tool is the deepest that requests have; the walks over a body recurse no deeper. */
const MAX_DEPTH = 200;
/** To parse more values than this holds up other calls for longer than 100 ms. */
const MAX_VALUES = 250_000;

export interface ProviderJson {
  body: unknown;
  /** Where its members stand. */
  spans: ReadonlyMap<string, MemberSpan>;
}

/**
 * The body of a request that passes to a provider. The provider gets the same bytes, so it must read in them what we read.
 * @throws RequestError 400 for what is not JSON in UTF-8, nests deeper than 200, has a member twice, or has one called `headers`
 */
export function readProviderJson(bytes: Uint8Array): ProviderJson {
  const spans = new Map<string, MemberSpan>();
  const fault = findJsonFault(bytes, { depth: MAX_DEPTH, values: MAX_VALUES }, spans);
  if (fault) throw refused(fault);
  const body = parseJson(bytes, 'body');
  refuseHeadersMember(body);
  return { body, spans };
}

function refused(fault: JsonFault): RequestError {
  if (fault.kind === 'duplicate') return invalidField(fault.key.slice(0, 100), 'must not appear twice in one object');
  if (fault.kind === 'depth') return invalidField('body', `must not nest deeper than ${MAX_DEPTH} levels`);
  return invalidField('body', `must not have more than ${MAX_VALUES} values`);
}
