import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** The path, with its method in front, and what is answered in place of the provider's answer. */
export type OddAnswers = Record<string, { status?: number; type?: string; body: string; isCut?: boolean }>;

/** A provider that answers as another one does, but for some paths. */
export interface OddProvider {
  url: string;
  odd: OddAnswers;
  close(): Promise<unknown>;
}

/** @param standIn whose answers are passed on */
export async function startOddProvider(standIn: string): Promise<OddProvider> {
  const provider: OddProvider = {
    url: '',
    odd: {},
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const [path = ''] = (request.url ?? '').split('?');
    const odd = Object.entries(provider.odd).find(([place]) =>
      new RegExp(`^${place}$`).test(`${request.method} ${path}`),
    );
    if (odd) {
      const { status = 200, type = 'application/json', body: text, isCut = false } = odd[1];
      response.writeHead(status, { 'content-type': type });
      response.write(text, () => (isCut ? response.destroy() : response.end()));
      return;
    }
    const { host: _host, connection: _connection, ...headers } = request.headers as Record<string, string>;
    const answer = await fetch(standIn + request.url, {
      method: request.method ?? 'GET',
      headers,
      ...(body.length > 0 && { body }),
    });
    const type = answer.headers.get('content-type');
    response.writeHead(answer.status, type === null ? {} : { 'content-type': type });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return provider;
}
