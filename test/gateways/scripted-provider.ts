import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Reply {
  status?: number;
  headers: Record<string, string>;
  chunks: (string | Uint8Array)[];
  /** The connection breaks after the chunks. */
  isCut?: boolean;
}

/** A provider that answers what a test says, and keeps what it was asked. */
export interface ScriptedProvider {
  url: string;
  reply: Reply;
  asked: { url: string; headers: IncomingHttpHeaders; body: Buffer }[];
  close(): Promise<unknown>;
}

export async function startScriptedProvider(): Promise<ScriptedProvider> {
  const provider: ScriptedProvider = {
    url: '',
    reply: { headers: {}, chunks: [] },
    asked: [],
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer(async (request, response) => {
    provider.asked.push({ url: request.url ?? '', headers: request.headers, body: await buffer(request) });
    const { status = 200, headers, chunks, isCut } = provider.reply;
    response.writeHead(status, headers);
    for (const chunk of chunks) await new Promise((resolve) => response.write(chunk, resolve));
    if (isCut) response.destroy();
    else response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return provider;
}
