import { expect, test } from 'vitest';
import { startHost } from '../src/host.ts';
import { send } from './raw-request.ts';
import { buildTestApp } from './test-app.ts';

test('a request that no invocation takes is answered with 400 and not kept; others take as long as they need', async () => {
  const app = await buildTestApp('unclaimed');
  const host = await startHost({ appDirectory: app.directory, env: {}, graceMs: 200, log: () => undefined });
  const { body: port } = await send(`${host.url}/port`);
  // Past the front, which replaces the header.
  const forged = { headers: { 'x-ms-invocation-id': 'forged' } };
  const worker = `http://127.0.0.1:${port}`;
  const [first, again, slow, slowToo] = await Promise.all([
    send(`${worker}/slow`, forged),
    send(`${worker}/slow`, { ...forged, method: 'POST', body: ['a', 'b'] }),
    send(`${host.url}/slow`, forged),
    send(`${worker}/slow`),
  ]);
  for (const refused of [first, again]) {
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.body)).toEqual({
      success: false,
      error: 'Invalid request. x-ms-invocation-id must not be sent: the function host sets it',
      code: 'invalid_request',
      details: { fields: [{ field: 'x-ms-invocation-id', problem: 'must not be sent: the function host sets it' }] },
    });
  }
  expect([slow.body, slowToo.body]).toEqual(['done', 'done']);
  expect((await send(`${host.url}/kept/forged`)).body).toBe('gone');
  await host.close();
  await app.remove();
});
