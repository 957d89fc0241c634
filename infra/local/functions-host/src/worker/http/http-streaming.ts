import { randomUUID } from 'node:crypto';
import { type IncomingMessage, maxHeaderSize, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { RpcTypedData } from '../core-types.ts';
import type { Invoke } from '../invoke.ts';
import { flatHeaders, type MatchedRequest, traceOf } from './http-buffered.ts';
import { limitBody } from './request-body.ts';
import type { StreamServer } from './stream-server.ts';

/**
 * Answers as the host does with HTTP streaming: the library writes the answer, and only it. So a function that throws or
 * returns nothing never answers, and one whose client has left is not told: both are so on Azure.
 */
export async function answerStreaming(
  matched: MatchedRequest,
  response: ServerResponse,
  invoke: Invoke,
  streamServer: StreamServer,
  limitBytes: number,
): Promise<void> {
  const { target, request, url, values, body } = matched;
  const headers = flatHeaders(request);
  const triggerMetadata = streamingMetadata(url.searchParams, headers, values, body);
  const invocationId = randomUUID();
  const forwarded = forward(request, url, body ? Readable.from([body]) : chunkedBody(request, response, limitBytes));
  // One that came past the front is not replaced: the library waits for ours in vain, and the client for its answer. Hosts
  // before Azure/azure-functions-host#10980 left the client's in place too.
  forwarded.headers['x-ms-invocation-id'] ??= invocationId;
  if (headerBytes(request) <= maxHeaderSize) streamServer(forwarded, response);
  await invoke(target, { data: { http: {} }, triggerMetadata, invocationId, ...traceOf(request) }).catch(() => {
    // The invoker has logged it. Nobody answers the client.
  });
}

/**
 * What the library's own server counts against Node's limit (16 KiB unless NODE_OPTIONS says otherwise). The host itself
 * takes twice as much: a request between the two reaches no function and is never answered.
 */
function headerBytes({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((total, text) => total + text.length + 2, 0);
}

function chunkedBody(request: IncomingMessage, response: ServerResponse, limitBytes: number): Readable | undefined {
  if (request.headers['transfer-encoding'] === undefined) return undefined;
  const body = limitBody(request, limitBytes);
  response.once('close', () => {
    // What the function did not read must not stand before the next request of the connection.
    request.unpipe(body).resume();
    body.destroy();
  });
  return body;
}

/** The request as the library's server gets it, with another source of its body if it has one. */
function forward(request: IncomingMessage, url: URL, body: Readable | undefined): IncomingMessage {
  const { method, url: target, headers } = request;
  const forwarded = body
    ? (Object.assign(body, { method, url: target, headers }) as unknown as IncomingMessage)
    : request;
  forwarded.headers['x-forwarded-host'] = url.host;
  forwarded.headers['x-forwarded-proto'] = url.protocol.slice(0, -1);
  return forwarded;
}

/**
 * The host's binding data: members of a JSON body that are not null, then query parameters, then route values, by names without regard to
 * case. Headers come under `Headers`, but only when no other member has that name: a client that names one so takes all
 * headers away from the function.
 */
function streamingMetadata(
  query: URLSearchParams,
  headers: Record<string, string>,
  values: Record<string, string>,
  body: Buffer | undefined,
): Record<string, RpcTypedData> {
  const data = new Map<string, [name: string, value: RpcTypedData]>();
  const set = (name: string, value: RpcTypedData) => {
    const known = data.get(name.toLowerCase());
    data.set(name.toLowerCase(), [known?.[0] ?? name, value]);
  };
  for (const [name, value] of jsonMembers(headers['content-type'], body)) set(name, value);
  for (const [name, value] of query) if (name.toLowerCase() !== 'code') set(name, { string: value });
  for (const [name, value] of Object.entries(values)) set(name, { string: value });
  if (!data.has('headers')) data.set('headers', ['Headers', { json: JSON.stringify(headers) }]);
  return Object.fromEntries(data.values());
}

/** How deep the host's JSON reader goes. Deeper text is not JSON to it. */
const MAX_DEPTH = 64;

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => deeperThan(inner, levels - 1));
}

function jsonMembers(contentType: string | undefined, body: Buffer | undefined): [string, RpcTypedData][] {
  if (body === undefined || !/\bjson\b/i.test(contentType ?? '')) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    return []; // A body that only looks like JSON is the function's to refuse.
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return [];
  if (deeperThan(parsed, MAX_DEPTH)) return [];
  return Object.entries(parsed)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [
      name,
      typeof value === 'object' ? { json: JSON.stringify(value) } : { string: String(value) },
    ]);
}
