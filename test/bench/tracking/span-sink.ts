import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SpanSink {
  url: string;
  /** Posts that came. */
  posts(): number;
  close(): Promise<void>;
}

/** Where the peers' spans go: takes every post and keeps nothing. */
export async function startSpanSink(): Promise<SpanSink> {
  let posts = 0;
  const server = createServer((request, response) => {
    posts += 1;
    request.resume().once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts: () => posts,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
