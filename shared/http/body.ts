import type { HttpRequest } from '@azure/functions';
import { RequestError } from '../errors/request-errors.ts';
import { GrowingBytes } from '../util/bytes/growing-bytes.ts';
import type { BodyMemory } from './memory/request-memory.ts';

/** @throws RequestError 415 when the request says to be of another type. */
export function requireContentType(request: HttpRequest, ...types: string[]): string {
  const given = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (types.includes(given)) return given;
  throw new RequestError('unsupported_content_type', `Content-Type must be ${types.join(' or ')}`, {
    status: 415,
    details: { got: given.slice(0, 100), supported: types },
  });
}

/** Where nothing says how long a body is. */
const FIRST_BYTES = 16_384;

/** The whole body. @throws RequestError as {@link bodyChunks} does. */
export async function readBody(
  request: HttpRequest,
  maxBytes: number,
  memory?: Pick<BodyMemory, 'grow'>,
): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  const isSaid = Number.isSafeInteger(declared) && declared > 0 && declared <= maxBytes;
  const whole = new GrowingBytes(isSaid ? declared : FIRST_BYTES);
  for await (const chunk of bodyChunks(request, maxBytes, memory)) whole.add(chunk, maxBytes);
  return whole.held;
}

/**
 * The body as it arrives. Reading ends as soon as it turns out to be larger than `maxBytes`, whatever Content-Length says,
 * and when the reader of this stops.
 * @throws RequestError 413 above `maxBytes`; 415 when it is packed: a small body could unpack to any size; 400 when the
 *   sender broke off; TrailmeterError 503 when it grows beyond the memory that there is.
 */
export async function* bodyChunks(
  request: HttpRequest,
  maxBytes: number,
  memory?: Pick<BodyMemory, 'grow'>,
): AsyncGenerator<Uint8Array, void> {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() || 'identity';
  if (encoding !== 'identity') throw packed(encoding);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (!request.body) return;
  const reader = request.body.getReader();
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new RequestError('body_broken_off', 'The request body ended too early', { status: 400, cause });
      });
      if (done) return;
      const chunk = typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array);
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      await memory?.grow(size);
      yield chunk;
    }
  } finally {
    // What the sender still has to say does not matter, nor whether hearing that fails. After the end this does nothing.
    reader.cancel().catch(() => undefined);
  }
}

const packed = (encoding: string): RequestError =>
  new RequestError('unsupported_content_encoding', 'The body must be sent as it is, without Content-Encoding', {
    status: 415,
    details: { got: encoding.slice(0, 100), supported: ['identity'] },
  });

const tooLarge = (maxBytes: number): RequestError =>
  new RequestError('request_too_large', `The request is too large. Maximum size is ${megabytes(maxBytes)}MB.`, {
    status: 413,
    details: { maxBytes },
  });

const megabytes = (bytes: number): string => String(Math.floor((bytes / 1_048_576) * 10) / 10);
