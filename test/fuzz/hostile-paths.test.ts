import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startModel } from '../../infra/local/model/src/server.ts';
import { startPayi } from '../../infra/local/payi/src/server.ts';

/** The status of an answer to a request whose target is sent as it is. */
function statusOf(port: number, target: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        `GET ${target} HTTP/1.1\r\nhost: h\r\nx-api-key: k\r\nxproxy-api-key: k\r\nconnection: close\r\n\r\n`,
      );
    });
    let text = '';
    socket.on('data', (chunk) => (text += chunk)).on('error', reject);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])));
  });
}

test.each([
  '/\\',
  '//',
  '///x',
  '*',
  'http://x/api/v1/limits',
  '/%',
  '/v1/models/%',
  '/api/v1/limits/%zz',
  '/v1/models/%ff',
  '/v1/models/constructor',
  '/api/v1/categories/constructor/resources/x',
  '/api/v1/use_cases/definitions/__proto__',
])('the stand-ins know no %s', async (target) => {
  const [payi, model] = await Promise.all([startPayi({ port: 0 }), startModel({ port: 0 })]);
  for (const { port } of [payi, model]) expect([400, 404]).toContain(await statusOf(port, target));
  await Promise.all([payi.close(), model.close()]);
});
