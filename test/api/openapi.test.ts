import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleOf } from '../../shared/api/openapi/examples.ts';
import { routes } from '../../shared/api/routes.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { expectSchema, openApiDocument, pointerName, schemaPointer } from '../support/described.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

interface Operation {
  operationId: string;
  security: unknown[];
  responses: Record<string, unknown>;
}
const operations = Object.entries(openApiDocument['paths'] as Record<string, Record<string, Operation>>).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);

test('has every route once, and nothing else', () => {
  const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort();
  expect(described).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length);
});

test('only routes for anyone, and those with the key in their path, are open without a security scheme', () => {
  const open = operations.filter(({ security }) => security.length === 0).map(({ path }) => path);
  const expected = routes.filter(({ access, path }) => access === 'anyone' || path.includes('{token}'));
  expect(open.sort()).toEqual(expected.map(({ path }) => path).sort());
});

test('every reference leads somewhere, and every component is used', () => {
  const text = JSON.stringify(openApiDocument);
  const used = new Set([...text.matchAll(/"\$ref":"#\/components\/(\w+\/\w+)"/g)].map(([, name = '']) => name));
  const components = openApiDocument['components'] as Record<string, Record<string, unknown>>;
  const defined = Object.entries(components)
    .filter(([kind]) => kind !== 'securitySchemes')
    .flatMap(([kind, named]) => Object.keys(named).map((name) => `${kind}/${name}`));
  expect(defined.sort()).toEqual([...used].sort());
});

test('has the version of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(openApiDocument['info']).toMatchObject({ version });
});

test('a record whose keys are known is an object with these members', () => {
  const { schemas } = openApiDocument['components'] as { schemas: Record<string, unknown> };
  const count = { type: 'integer' };
  expect(schemas['AuditEventsAnswer']).toMatchObject({
    properties: { data: { properties: { states: { properties: { queued: count }, additionalProperties: false } } } },
  });
});

test('units are described where clients read them', () => {
  const { schemas } = openApiDocument['components'] as { schemas: Record<string, unknown> };
  expect(schemas['Metrics']).toMatchObject({
    properties: { latency: { description: 'ms' }, cost: { description: expect.stringMatching(/^USD/) } },
  });
  const headers = JSON.stringify(openApiDocument['paths']);
  expect(headers).toContain('"name":"x-request-properties","in":"header","description":"A JSON object of texts."');
});

test('is served', async () => {
  const answer = await app.call('describe-api', { method: 'GET', anonymous: true });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  expect(JSON.parse(await answer.text())).toEqual(JSON.parse(JSON.stringify(openApiDocument)));
});

describe('the example of', () => {
  test.each(routes.filter(({ body }) => body))('$method $path is as its schema says', (route) => {
    const operation = `/paths/${pointerName(route.path)}/${route.method.toLowerCase()}`;
    expect(exampleOf(route)).toBeDefined();
    expectSchema(`${operation}/requestBody/content/${pointerName('application/json')}/schema`, exampleOf(route));
  });
});

describe('events of', () => {
  const features = routes.filter(({ events, dialect }) => events && dialect === 'envelope');
  test.each(features)('$method $path are as described', async (route) => {
    const answer = await app.call(route.function, { json: exampleOf(route), headers: { accept: 'text/event-stream' } });
    const events = eventsOf(await answer.text());
    expect([events[0]?.event, events.at(-1)?.event]).toEqual(['accepted', 'result']);
    const pointer = schemaPointer(route.path, route.method, 200, 'text/event-stream');
    for (const event of events) expectSchema(pointer, event);
    expect(() => expectSchema(pointer, { event: 'result', data: {} })).toThrow('openapi.json');
  });

  test('a failure are as described', async () => {
    app.model.script({ error: { status: 529 } });
    const route = routes.find((one) => one.function === 'plan-route');
    const json = route && exampleOf(route);
    const answer = await app.call('plan-route', { json, headers: { accept: 'text/event-stream' } });
    const last = eventsOf(await answer.text()).at(-1);
    expect(last).toMatchObject({ event: 'error', data: { code: 'model_overloaded', status: 503 } });
    expectSchema(schemaPointer('/api/routes/plan', 'POST', 200, 'text/event-stream'), last);
  });
});

/** The events of a stream, without heartbeats. */
const eventsOf = (text: string): { event: string; data: unknown }[] =>
  [...text.matchAll(/^event: (.+)\ndata: (.+)$/gm)].map(([, event = '', data = '']) => ({
    event,
    data: JSON.parse(data),
  }));
