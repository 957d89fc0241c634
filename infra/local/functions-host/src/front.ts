import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';

/** Headers that belong to one connection, not to the message. */
const ofConnection = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect']);

/** Bytes of method, address and version that the real host takes. */
const MAX_REQUEST_LINE = 8192;

export interface FrontOptions {
  /** Port of the next instance that is up; undefined when none is. */
  nextPort: () => number | undefined;
  /** A request without any traffic for so long is given up, in ms. */
  activityTimeoutMs: number;
  /** Gets each request when its answer has ended. */
  onExchange?: (exchange: Exchange) => void;
}

/** A request and its answer, for whoever watches. */
export interface Exchange {
  method: string;
  /** As it was sent, with its query. */
  url: string;
  requestHeaders: IncomingHttpHeaders;
  /** The status of the answer; undefined when the client left before there was one. */
  status: number | undefined;
  headers: IncomingHttpHeaders;
  /** The answer's body, up to its first 1 MiB. */
  body: Buffer;
  /** From the first byte of the request to the end of the answer. */
  ms: number;
}

const MAX_WATCHED_BYTES = 1_048_576;

/** Spreads requests over the instances, as the front of a scaled-out app does. Not yet listening. */
export function createFront(options: FrontOptions): Server {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const server = createServer({ maxHeaderSize: 32 * 1024, keepAliveTimeout: 120_000 }, (request, response) => {
    pass(request, response, options, agent);
  });
  server.requestTimeout = 0;
  server.on('connect', (_request, socket) => refuseTunnel(socket));
  server.on('close', () => agent.destroy());
  return server;
}

/** So long a client that was refused may still speak, in ms. */
const LINGER_MS = 1_000;

/**
 * A proxy is what we are not; without an answer the connection would end without a word. Node lets go of such a socket: its
 * errors are ours to hear, and it does not end with the server.
 */
function refuseTunnel(socket: Duplex): void {
  socket.on('error', () => undefined);
  socket.resume();
  socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', () => {
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
}

function pass(request: IncomingMessage, response: ServerResponse, options: FrontOptions, agent: Agent): void {
  if (requestLineBytes(request) > MAX_REQUEST_LINE) {
    response.writeHead(414, { connection: 'close', 'content-length': '0' }).end();
    return;
  }
  const port = options.nextPort();
  if (port === undefined) {
    end(response, 503, 'Function host is not running.');
    return;
  }
  let outgoing: ReturnType<typeof httpRequest>;
  try {
    outgoing = httpRequest({
      host: '127.0.0.1',
      port,
      agent,
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      // The host gives each request its own id, whatever a client sends.
      headers: passedOn(request.rawHeaders, 'x-ms-invocation-id'),
    });
  } catch {
    end(response, 400, 'The request line holds characters that must be percent-encoded.');
    return;
  }
  outgoing.setTimeout(options.activityTimeoutMs, () => {
    end(response, 504, 'The function did not answer in time.');
    outgoing.destroy();
  });
  const watch = options.onExchange && watchExchange(request, response, options.onExchange);
  outgoing.on('response', (answer) => {
    watch?.(answer);
    // How the answer is framed depends on this client: HTTP/1.0 knows no chunks.
    response.writeHead(
      answer.statusCode ?? 502,
      answer.statusMessage,
      passedOn(answer.rawHeaders, 'transfer-encoding'),
    );
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  outgoing.on('error', () => {
    if (response.headersSent) response.destroy();
    else end(response, 502, 'The instance that worked on this request is gone.');
  });
  response.on('close', () => {
    outgoing.destroy();
    // What of the body nobody wanted must not stand before the client's next request.
    request.unpipe().resume();
  });
  request.pipe(outgoing);
}

/** Reports the exchange when the answer to the client has ended; returns what is to be called with the instance's answer. */
function watchExchange(
  request: IncomingMessage,
  response: ServerResponse,
  report: (exchange: Exchange) => void,
): (answer: IncomingMessage) => void {
  const started = performance.now();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let headers: IncomingHttpHeaders = {};
  response.on('close', () => {
    report({
      method: request.method ?? 'GET',
      url: request.url ?? '/',
      requestHeaders: request.headers,
      status: response.headersSent ? response.statusCode : undefined,
      headers,
      body: Buffer.concat(chunks),
      ms: performance.now() - started,
    });
  });
  return (answer) => {
    headers = answer.headers;
    answer.on('data', (chunk: Buffer) => {
      if (bytes < MAX_WATCHED_BYTES) chunks.push(chunk.subarray(0, MAX_WATCHED_BYTES - bytes));
      bytes += chunk.length;
    });
  };
}

function requestLineBytes({ method = '', url = '' }: IncomingMessage): number {
  return method.length + url.length + ' '.length + ' HTTP/1.1\r\n'.length;
}

/** Name and value in turn, as they came: headers that an answer repeats (set-cookie) stay as many. */
function passedOn(rawHeaders: string[], leftOut?: string): string[] {
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!ofConnection.has(name.toLowerCase()) && name.toLowerCase() !== leftOut)
      kept.push(name, rawHeaders[index + 1] ?? '');
  }
  return kept;
}

function end(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
}
