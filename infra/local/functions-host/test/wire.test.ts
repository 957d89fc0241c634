import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FunctionHost, startHost } from '../src/host.ts';
import { send } from './raw-request.ts';
import { buildTestApp, type TestApp } from './test-app.ts';

let app: TestApp;
let host: FunctionHost;

beforeAll(async () => {
  app = await buildTestApp('http');
  host = await startHost({
    appDirectory: app.directory,
    env: { STREAM: 'yes' },
    log: () => {},
    activityTimeoutMs: 5_000,
  });
});

afterAll(async () => {
  await host.close();
  await app.remove();
});

/** What comes back for these bytes until the connection is over; `leaves`: the client closes its side at once. */
async function exchange(bytes: string | Uint8Array, leaves = false): Promise<string> {
  const socket = connect(Number(new URL(host.url).port), '127.0.0.1');
  await once(socket, 'connect');
  if (leaves) socket.end(bytes);
  else socket.write(bytes);
  return text(socket).catch(() => '');
}

describe('HTTP on the wire', () => {
  it('answers a client of HTTP/1.0 without chunks', async () => {
    const answer = await exchange('GET /events HTTP/1.0\r\nHost: a\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.toLowerCase()).not.toContain('transfer-encoding');
    expect(answer.endsWith('\r\n\r\ndata: 1\n\ndata: 2\n\ndata: 3\n\n')).toBe(true);
  });

  it('answers a client of HTTP/1.0 that names no host; one of HTTP/1.1 has to', async () => {
    expect(await exchange('GET /s HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
    expect(await exchange('GET /s HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('sends one date, and no header of the connection to the instance', async () => {
    const answer = await exchange('GET /s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(answer.match(/^date:/gim)).toHaveLength(1);
    expect(answer.toLowerCase().match(/^connection:.*/gm)).toEqual(['connection: close']);
    expect(answer).not.toMatch(/^keep-alive:/im);
  });

  it('goes on after an upgrade that nobody takes', async () => {
    const answer = await exchange(
      'GET /s HTTP/1.1\r\nHost: a\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('answers or ends whatever bytes come, and serves others meanwhile', async () => {
    const line = fc.constantFrom(
      'GET /s HTTP/1.1',
      'POST /echo HTTP/1.1',
      'Host: a',
      'Content-Length: 5',
      'Transfer-Encoding: chunked',
      'Expect: 100-continue',
      'content-type: application/json',
      '',
      'zz',
      '5',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.oneof(line, fc.string({ maxLength: 20 })), { maxLength: 12 }).map((lines) => lines.join('\r\n')),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (some) => {
        await exchange(some, true);
        expect((await send(`${host.url}/s`)).body).toBe('ok');
      }),
      { numRuns: 60 },
    );
  });

  it('answers any JSON body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (body) => {
        const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
        const answer = await send(`${host.url}/echo`, { method: 'POST', body, headers });
        expect(JSON.parse(answer.body).body).toBe(body);
      }),
      { numRuns: 60 },
    );
  });
});
