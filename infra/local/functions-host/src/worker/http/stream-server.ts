import { Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Server } from 'node:net';

/** Gives a request to the HTTP server that the library opens for streaming. */
export type StreamServer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Runs `open` and catches the HTTP server that the library starts in it. The real host reaches that server through a port;
 * we hand it requests directly, so it need not stay open on all interfaces as it would. Its part in an answer is the same.
 */
export async function captureStreamServer(open: () => Promise<void>): Promise<StreamServer | undefined> {
  const listen = Server.prototype.listen;
  let captured: HttpServer | undefined;
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    if (this instanceof HttpServer) captured = this;
    const listening = args.find((arg) => typeof arg === 'function') as (() => void) | undefined;
    return listen.call(this, { port: 0, host: '127.0.0.1' }, listening);
  } as typeof listen;
  try {
    await open();
  } finally {
    Server.prototype.listen = listen;
  }
  const server = captured;
  if (server === undefined) return undefined;
  server.removeAllListeners('close');
  server.close();
  return (request, response) => void server.emit('request', request, response);
}
