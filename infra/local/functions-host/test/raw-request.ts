import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface RawAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface RawRequest {
  method?: string;
  headers?: OutgoingHttpHeaders;
  /** Several pieces are sent as a chunked body. */
  body?: string | string[];
}

/** A request as it stands: unlike `fetch` it sends any header, dot segments and chunked bodies. */
export async function send(url: string, { method = 'GET', headers = {}, body }: RawRequest = {}): Promise<RawAnswer> {
  const { origin } = new URL(url);
  const outgoing = request(origin, { method, headers, path: url.slice(origin.length), agent: false });
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  for (const piece of Array.isArray(body) ? body : []) outgoing.write(piece);
  outgoing.end(typeof body === 'string' ? body : undefined);
  const [response] = await answered;
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}
