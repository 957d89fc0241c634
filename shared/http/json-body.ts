import type { HttpRequest } from '@azure/functions';
import { invalidField } from '../errors/request-errors.ts';
import { readBody, requireContentType } from './body.ts';
import { refuseHeadersMember } from './forged-headers.ts';

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

/** @throws RequestError 400 naming `field`. */
export function parseJson(text: Uint8Array | string, field: string): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw invalidField(field, 'is not valid JSON');
  }
}
