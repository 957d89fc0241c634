import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface RecordingProxy {
  url: string;
  /** Path and body of each request that passed, in the order of arrival. */
  requests: string[];
  /** Where requests go from now on. */
  pointAt(target: string): void;
  close(): Promise<void>;
}

/** Passes requests on and keeps what they said. Stands between the app and Pay-i. */
export async function startRecordingProxy(): Promise<RecordingProxy> {
  const requests: string[] = [];
  let target = '';
  const server = createServer(async (request, response) => {
    try {
      const body = await buffer(request);
      const { method = 'GET', url = '/', headers } = request;
      requests.push(`${method} ${url} ${body.toString()}`);
      const { host: _host, connection: _connection, 'content-length': _length, ...passed } = headers;
      const answer = await fetch(target + url, {
        method,
        headers: passed as Record<string, string>,
        ...(body.length > 0 && { body }),
      });
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      response.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    pointAt(url) {
      target = url;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
