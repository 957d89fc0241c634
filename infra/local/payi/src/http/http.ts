import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Request {
  method: string;
  /** Below `/api/v1`, e.g. `/limits/daily`. */
  path: string;
  /** The values of the route's `{names}`, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  /** A header's value, decoded from UTF-8. */
  header(name: string): string | undefined;
  /** The decoded JSON; undefined when there was no body. */
  body: unknown;
}

export interface Answer {
  status: number;
  /** JSON; a string goes out as it is; absent: an empty body. */
  body?: unknown;
  contentType?: string;
  headers?: Record<string, string>;
  /** Text in pieces, for answers that are too long for one string. */
  stream?: Iterable<string>;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });

export class TooLarge extends Error {}

export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

export function bodyText(answer: Answer): string {
  if (answer.body === undefined) return '';
  return typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
}

export async function write(response: ServerResponse, answer: Answer, text = bodyText(answer)): Promise<void> {
  const headers: Record<string, string | number> = { ...answer.headers };
  if (answer.stream || text) headers['content-type'] = answer.contentType ?? 'application/json; charset=utf-8';
  if (!answer.stream) headers['content-length'] = Buffer.byteLength(text);
  response.writeHead(answer.status, headers);
  for (const piece of answer.stream ?? []) {
    if (!response.write(piece)) await drained(response);
    if (response.destroyed) return;
  }
  response.end(text);
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const go = () => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.once('drain', go).once('close', go);
  });
