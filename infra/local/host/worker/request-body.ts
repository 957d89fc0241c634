import type { IncomingMessage } from 'node:http';

/** The real host's default for FUNCTIONS_REQUEST_BODY_SIZE_LIMIT, in bytes. */
const defaultLimitBytes = 104_857_600;

export class BodyTooLarge extends Error {}

export function bodyLimit(env: NodeJS.ProcessEnv): number {
  return Number(env['FUNCTIONS_REQUEST_BODY_SIZE_LIMIT'] ?? defaultLimitBytes);
}

/** The body of a request that says how long it is; none for others. @throws BodyTooLarge before it reads */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > limitBytes) throw new BodyTooLarge();
  if (length === 0) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Ends a body of unknown length with BodyTooLarge when it passes the limit. */
export function guardBody(request: IncomingMessage, limitBytes: number, tooLarge: () => void): void {
  let bytes = 0;
  const push = request.push.bind(request);
  request.push = (chunk: unknown, encoding?: BufferEncoding) => {
    bytes += Buffer.isBuffer(chunk) ? chunk.length : 0;
    if (bytes <= limitBytes) return push(chunk, encoding);
    tooLarge();
    request.destroy(new BodyTooLarge());
    return false;
  };
}
