import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonTelemetry } from '../../shared/telemetry/telemetry.ts';
import { startTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
const lines: { event: string; requestId?: string }[] = [];
beforeAll(async () => {
  app = await startTestApp({}, { telemetry: jsonTelemetry((line) => lines.push(JSON.parse(line))) });
});
afterAll(() => app.close());

const search = (requestId?: string) =>
  app.call('search-trails', {
    json: { location: 'Moab' },
    ...(requestId !== undefined && { headers: { 'x-request-id': requestId } }),
  });

test('a well-formed x-request-id is in the answer, the event and the log', async () => {
  app.model.script({ error: { status: 500 } });
  const answer = await search('order-7:a.b_c');
  expect([answer.status, answer.headers.get('x-request-id')]).toEqual([502, 'order-7:a.b_c']);
  expect(app.usage.at(-1)?.requestProperties['request_id']).toBe('order-7:a.b_c');
  expect(lines.filter(({ event }) => event === 'request-failed').at(-1)?.requestId).toBe('order-7:a.b_c');
});

test('without one, the host’s id is everywhere', async () => {
  const answer = await search();
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(app.usage.at(-1)?.requestProperties['request_id']).toBe(answer.headers.get('x-request-id'));
});

test.each(['', 'a b', 'sam@example.com', '-x', 'x'.repeat(129), '{"a":1}'])('%j is not taken over', async (given) => {
  const answer = await search(given);
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('a wrong path and a gateway have it too', async () => {
  const headers = { 'x-request-id': 'mine', 'x-api-key': 'wrong' };
  const refused = await app.call('pass-message', { json: {}, headers });
  expect([refused.status, refused.headers.get('x-request-id')]).toEqual([401, 'mine']);
});
