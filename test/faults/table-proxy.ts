import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a table request meets: a share of them (0 to 1) fails as the service fails. */
export interface TableFault {
  share: number;
  /** `throttle`: 503 ServerBusy; `error`: 500; `drop`: carried out, then the connection is cut. */
  kind: 'throttle' | 'error' | 'drop';
}

/** A Table Storage that fails on demand: stands in front of a sound one. */
export interface TableProxy {
  /** The sound one's connection string with the address of this proxy. */
  connectionString: string;
  fault: TableFault | undefined;
  /** Requests that failed because of a fault. */
  failed: number;
  close(): Promise<void>;
}

export async function startTableProxy(connectionString: string, random: () => number): Promise<TableProxy> {
  const target = new URL(/TableEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '');
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    const fault = proxy.fault && random() < proxy.fault.share ? proxy.fault.kind : undefined;
    if (fault) proxy.failed += 1;
    if (fault === 'throttle' || fault === 'error') {
      incoming.resume();
      const [status, code] = fault === 'throttle' ? [503, 'ServerBusy'] : [500, 'InternalError'];
      outgoing.writeHead(status, { 'content-type': 'application/json', 'x-ms-error-code': code });
      outgoing.end(
        JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value: `${code} on demand.` } } }),
      );
      return;
    }
    const forwarded = request(
      {
        host: target.hostname,
        port: target.port,
        path: incoming.url,
        method: incoming.method,
        headers: incoming.headers,
        agent,
      },
      (answer) => {
        if (fault === 'drop') {
          answer.resume();
          answer.on('end', () => outgoing.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = (server.address() as AddressInfo).port;
  const proxy: TableProxy = {
    connectionString: connectionString.replace(
      /TableEndpoint=[^;]+/,
      `TableEndpoint=http://127.0.0.1:${port}${target.pathname}`,
    ),
    fault: undefined,
    failed: 0,
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return proxy;
}
