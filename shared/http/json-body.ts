import type { HttpRequest } from '@azure/functions';
import { invalidField } from '../errors/request-errors.ts';
import { findJsonFault, type JsonBounds, type MemberSpan } from '../util/json/json-faults.ts';
import { readBody, requireContentType } from './body.ts';
import { refuseHeadersMember } from './forged-headers.ts';
import { parseLongJson, requestBounds } from './long-json.ts';
import type { BodyMemory } from './memory/request-memory.ts';

/**
 * The body of an `application/json` request.
 * @throws RequestError 415 for another type, 413 above `maxBytes`, 400 as `refuseJsonFault`, and when it is not JSON in UTF-8 or has
 *   a member `headers`.
 */
export async function readJson(request: HttpRequest, maxBytes: number): Promise<unknown> {
  requireContentType(request, 'application/json');
  const bytes = await readBody(request, maxBytes);
  refuseJsonFault(bytes, requestBounds);
  const body = parseJson(bytes, 'body');
  refuseHeadersMember(body);
  return body;
}

/**
 * Refuses JSON before it is parsed.
 * @param members see `findJsonFault`
 * @throws RequestError 400 for a text that nests too deep, has too many values, or has a member twice
 */
export function refuseJsonFault(bytes: Uint8Array, bounds: JsonBounds, members?: Map<string, MemberSpan>): void {
  const fault = findJsonFault(bytes, bounds, members);
  if (fault?.kind === 'duplicate') throw invalidField(fault.key.slice(0, 100), 'must not appear twice in one object');
  if (fault?.kind === 'depth') throw invalidField('body', `must not nest deeper than ${bounds.depth} levels`);
  if (fault) throw invalidField('body', `must not have more than ${bounds.values} values`);
}

/**
 * The same for a body with long texts, such as images. It is parsed in steps that leave other requests their turns.
 * @throws RequestError as `readJson` does; 400 when more than 256 KB of it are not long texts.
 */
export async function readLongJson(
  request: HttpRequest,
  maxBytes: number,
  memory: Pick<BodyMemory, 'grow'>,
): Promise<unknown> {
  requireContentType(request, 'application/json');
  const body = await parseLongJson(await readBody(request, maxBytes, memory));
  if (body === undefined) throw invalidField('body', 'is not valid JSON, or has very many values');
  refuseHeadersMember(body.value);
  return body.value;
}

/** @throws RequestError 400 naming `field`. */
export function parseJson(text: Uint8Array | string, field: string): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw invalidField(field, 'is not valid JSON');
  }
}
