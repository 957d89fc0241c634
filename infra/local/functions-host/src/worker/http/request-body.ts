import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';

/** The real host's default for FUNCTIONS_REQUEST_BODY_SIZE_LIMIT, in bytes. */
const DEFAULT_LIMIT_BYTES = 104_857_600;

export class BodyTooLarge extends Error {
  constructor(limitBytes: number) {
    super(`Request body too large: the limit is ${limitBytes} bytes (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT).`);
  }
}

export function bodyLimit(env: NodeJS.ProcessEnv): number {
  return Number(env['FUNCTIONS_REQUEST_BODY_SIZE_LIMIT'] ?? DEFAULT_LIMIT_BYTES);
}

/** The body of a request that says how long it is; none for others. @throws BodyTooLarge before it reads */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > limitBytes) throw new BodyTooLarge(limitBytes);
  if (length === 0) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A chunked body as it comes in. It ends in BodyTooLarge when it passes the limit. */
export function limitBody(request: IncomingMessage, limitBytes: number): Transform {
  let bytes = 0;
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limitBytes) done(new BodyTooLarge(limitBytes));
      else done(null, chunk);
    },
  });
  request.on('error', (error) => limited.destroy(error));
  limited.on('error', () => {
    // The function learns of it where it reads.
    request.unpipe(limited);
    request.resume();
  });
  return request.pipe(limited);
}
