import type { HttpRequest } from '@azure/functions';
import { invalidField } from '../errors/request-errors.ts';
import { readBody, requireContentType } from './body.ts';
import { refuseHeadersMember } from './forged-headers.ts';
import { parseLongJson } from './long-json.ts';
import type { BodyMemory } from './memory/request-memory.ts';

/**
 * The body of an `application/json` request.
 * @throws RequestError 415 for another type, 413 above `maxBytes`, 400 when it is not JSON in UTF-8 or has a member `headers`.
 */
export async function readJson(request: HttpRequest, maxBytes: number): Promise<unknown> {
  requireContentType(request, 'application/json');
  const body = parseJson(await readBody(request, maxBytes), 'body');
  refuseHeadersMember(body);
  return body;
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
