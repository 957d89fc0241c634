import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { decodeSettings } from '../../shared/config/decode.ts';
import type { Settings } from '../../shared/config/settings.ts';

export interface Route {
  method: string;
  /** With named groups for the parameters of the path. */
  path: RegExp;
  handler: HttpHandler;
}

/** Handlers behind a plain HTTP server on 127.0.0.1, streams in both directions. */
export async function serve(routes: Route[]): Promise<{ url: string; close(): Promise<void> }> {
  let count = 0;
  // A Functions host takes headers of 32 KB; Node alone half of that.
  const server = createServer({ maxHeaderSize: 65_536 }, async (incoming, outgoing) => {
    const url = `http://${incoming.headers.host ?? '127.0.0.1'}${incoming.url}`;
    const path = new URL(url).pathname;
    const route = routes.find((one) => one.method === incoming.method && one.path.test(path));
    if (!route) return void outgoing.writeHead(404).end();
    const params = { ...route.path.exec(path)?.groups };
    const request = Object.assign(
      new Request(url, {
        method: incoming.method ?? 'GET',
        headers: incoming.headers as Record<string, string>,
        ...(incoming.method === 'POST' && { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' }),
      } as RequestInit),
      { params, query: new URL(url).searchParams },
    );
    count += 1;
    const context = { invocationId: `invocation-${count}`, functionName: 'test' } as InvocationContext;
    const answer = (await route.handler(request as unknown as HttpRequest, context)) as {
      status: number;
      headers: Record<string, string>;
      body?: string | Uint8Array | ReadableStream<Uint8Array>;
    };
    outgoing.writeHead(answer.status, answer.headers);
    if (answer.body instanceof ReadableStream) {
      // Newer versions of Node leave a body unread whose client has left already.
      if (outgoing.destroyed) return void answer.body.cancel();
      // A client that leaves ends the body, as on the host.
      await pipeline(Readable.fromWeb(answer.body as never), outgoing).catch(() => undefined);
      return;
    }
    outgoing.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const GATEWAY_KEY = 'a-key-of-the-front-end';
/** Made for `/p/{key}/…`. */
export const PATH_KEY = 'a-key-that-stands-in-paths';

export const gatewaySettings = (more: Record<string, string>): Settings =>
  decodeSettings({
    ServiceBusConnection: 'Endpoint=sb://127.0.0.1;SharedAccessKeyName=local;SharedAccessKey=local',
    TablesConnection: 'UseDevelopmentStorage=true',
    PAYI_API_KEY: 'payi-secret',
    ANTHROPIC_API_KEY: 'provider-secret',
    ACCESS_KEYS: JSON.stringify({
      'front-end': { key: GATEWAY_KEY, role: 'user' },
      proxy: { key: PATH_KEY, only: 'path' },
    }),
    ...more,
  });
