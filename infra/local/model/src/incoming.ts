import type { IncomingMessage } from 'node:http';
import { ApiProblem } from './errors.ts';

/** Bytes of the largest request that the API takes. */
const LARGEST_BODY = 32 * 1024 * 1024;
/** The path without query and last slash; what is not a URL is not a route either, and stays as it came. */
export function readPath(target: string): string {
  // Joined as text: a path that begins with two slashes would else be read as another host.
  const text = `http://127.0.0.1${target}`;
  return target.startsWith('/') && URL.canParse(text) ? new URL(text).pathname.replace(/\/$/, '') : target;
}

/** A part of a path without its escapes; what has none that can be read stays as it is. */
export function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Takes a key as bearer, as `x-api-key` and, as Azure does, as `api-key`; without `expected` any one. @throws ApiProblem 401 */
export function authenticate(request: IncomingMessage, expected: string | undefined): void {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const key = bearer ?? request.headers['x-api-key'] ?? request.headers['api-key'];
  if (!key) throw new ApiProblem(401, 'x-api-key header is required');
  if (expected !== undefined && key !== expected) throw new ApiProblem(401, 'invalid x-api-key');
}

/** @throws ApiProblem 413 */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
  }
  // Only now: a client that is still sending does not read an answer.
  if (size > LARGEST_BODY) throw new ApiProblem(413, 'Request exceeds the maximum size');
  return Buffer.concat(chunks).toString('utf8');
}
