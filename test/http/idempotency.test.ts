import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { envelope, startTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => app.model.reset());
afterAll(() => app.close());

const photo = readFileSync(new URL('../fixtures/trail.jpg', import.meta.url));
const vehicleInfo = { make: 'Jeep', model: 'Wrangler' };
let keys = 0;
const newKey = () => ({ 'idempotency-key': `key-${++keys}` });

const bodies: [string, Record<string, unknown>][] = [
  ['search-trails', { location: 'Moab' }],
  ['plan-route', { startLocation: 'Moab', endLocation: 'Green River', durationDays: 2 }],
  ['analyze', { images: [photo.toString('base64')], vehicleInfo }],
];

test.each(bodies)('%s: the same key gets the same answer, without a call of the model', async (name, json) => {
  const headers = newKey();
  const first = await app.call(name, { json, headers });
  expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([200, null]);
  const calls = app.model.calls().length;
  const again = await app.call(name, { json, headers });
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
  expect(again.headers.get('x-limit-state')).toBe(first.headers.get('x-limit-state'));
  expect(await again.text()).toBe(await first.text());
  expect(app.model.calls()).toHaveLength(calls);
});

test('another body is 409, and so is another route', async () => {
  const headers = newKey();
  await app.call('search-trails', { json: { location: 'Moab' }, headers });
  const calls = app.model.calls().length;
  for (const [name, json] of [
    ['search-trails', { location: 'Sedona' }],
    ['plan-route', bodies[1]?.[1]],
  ] as const) {
    const refused = await app.call(name, { json, headers });
    expect([refused.status, (await envelope(refused)).code]).toEqual([409, 'idempotency_key_reused']);
  }
  expect(app.model.calls()).toHaveLength(calls);
});

test('photos in a form are those of the same request in JSON; other photos are another request', async () => {
  const headers = newKey();
  await app.call('analyze', { json: { images: [photo.toString('base64')], vehicleInfo }, headers });
  const calls = app.model.calls().length;
  const form = (file: string) => {
    const body = new FormData();
    body.append('images', new Blob([readFileSync(new URL(`../fixtures/${file}`, import.meta.url))]), file);
    body.append('vehicleInfo', JSON.stringify(vehicleInfo));
    return body;
  };
  const same = await app.call('analyze', { body: form('trail.jpg'), headers });
  expect([same.status, same.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
  expect((await app.call('analyze', { body: form('trail.png'), headers })).status).toBe(409);
  expect(app.model.calls()).toHaveLength(calls);
});

test('the memory of a request that is not run is given back', async () => {
  const small = await startTestApp({ REQUEST_MEMORY_MB: '128' });
  const headers = newKey();
  const json = { images: [photo.toString('base64')] };
  for (let turn = 0; turn < 3; turn++) await small.call('analyze', { json, headers });
  const all = await small.services.memory.bodies.take(Number.MAX_SAFE_INTEGER);
  expect(all.bytes).toBe(small.services.memory.bodies.capacity);
  await small.close();
});

test('an event stream gives the same result', async () => {
  const headers = newKey();
  const json = { location: 'Moab' };
  const first = await envelope(await app.call('search-trails', { json, headers }));
  const calls = app.model.calls().length;
  const events = await app.call('search-trails', { json, headers: { ...headers, accept: 'text/event-stream' } });
  const text = await events.text();
  const [, result = ''] = /event: result\ndata: (.*)\n/.exec(text) ?? [];
  expect(JSON.parse(result)).toEqual(first);
  expect(app.model.calls()).toHaveLength(calls);
});

test('a client that went away gets the answer when it asks again', async () => {
  const headers = newKey();
  const json = { location: 'Moab' };
  const events = await app.call('search-trails', { json, headers: { ...headers, accept: 'text/event-stream' } });
  await (events.body as ReadableStream<Uint8Array>).cancel();
  const again = await app.call('search-trails', { json, headers });
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
  expect(app.model.calls()).toHaveLength(1);
});

test('a failure that cost nothing frees the key', async () => {
  const headers = newKey();
  const json = { location: 'Moab' };
  app.model.script({ error: { status: 529 } });
  const failed = await app.call('search-trails', { json, headers });
  expect(failed.status).toBe(503);
  expect((await app.call('search-trails', { json, headers })).status).toBe(200);
});

test.each(['', ' ', 'a b', 'é', 'x'.repeat(256), 'one, two'])(
  'the key %j is 400, before a model is called',
  async (key) => {
    const refused = await app.call('search-trails', {
      json: { location: 'Moab' },
      headers: { 'idempotency-key': key },
    });
    const { details } = await envelope(refused);
    expect([refused.status, details.fields[0].field]).toEqual([400, 'Idempotency-Key']);
    expect(app.model.calls()).toEqual([]);
  },
);

test('a key in quotes, as the Internet-Draft has it, is the same key', async () => {
  const json = { location: 'Moab' };
  await app.call('search-trails', { json, headers: { 'idempotency-key': 'quoted-or-not' } });
  const again = await app.call('search-trails', { json, headers: { 'idempotency-key': '"quoted-or-not"' } });
  expect(again.headers.get('idempotency-replayed')).toBe('true');
});
