import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = fileURLToPath(new URL('../../docs/examples/front-end/', import.meta.url));
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Builds the example for an app that runs, from the description that this app serves. */
export const buildExample = (api: string) =>
  promisify(execFile)(process.execPath, ['build.mjs', '--api', api], { cwd: folder });

/** Serves the built example under two origins: an app can allow one and not the other. */
export async function serveExample(): Promise<{ allowed: string; other: string; close(): Promise<void> }> {
  const server = createServer(async ({ url = '/' }, response) => {
    const name = url === '/' ? 'index.html' : url.slice(1);
    const type = types[extname(name)];
    const content =
      type && !name.includes('..') ? await readFile(`${folder}dist/${name}`).catch(() => undefined) : undefined;
    response.writeHead(content ? 200 : 404, { 'content-type': type ?? 'text/plain' }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    allowed: `http://localhost:${port}`,
    other: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
