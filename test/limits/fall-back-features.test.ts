import { afterEach, expect, test } from 'vitest';
import { createLimits } from '../../shared/limits/limit-service.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { envelope, startTestApp, type TestApp } from '../support/app.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { policy, quiet } from './helpers.ts';

/** Features whose calls fall back, as the declared use cases permit it. */
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function appWith(facts: Partial<Policy>): Promise<TestApp> {
  const limits = createLimits({
    tables: new MemoryTables(),
    policies: [policy({ name: 'line', type: 'fall_back', maxUsd: 0.45, ...facts })],
    payi: createPayiClient({ baseUrl: 'http://127.0.0.1:9', apiKey: 'none', timeoutMs: 1_000 }).limits,
    publisher: { publish: async () => 'queued', close: async () => undefined },
    clock: systemClock,
    telemetry: quiet,
  });
  const app = await startTestApp({}, { limits, gate: limits.gate });
  closing.push(() => limits.close(), app.close);
  return app;
}

const search = (app: TestApp, headers: Record<string, string> = {}) =>
  app.call('search-trails', { json: { location: 'Moab' }, headers });
const modelsOf = (app: TestApp) =>
  app.model
    .calls()
    .filter(({ path }) => path === '/v1/messages')
    .map(({ model }) => model);
const fallback = { policy: 'line', askedModel: 'claude-sonnet-5-5', model: 'claude-haiku-5-5' };
const header = 'policy=line, asked=claude-sonnet-5-5, model=claude-haiku-5-5';

test('a search without room is made with the model that its use case permits, and says so wherever it is reported', async () => {
  const app = await appWith({});
  const response = await search(app);
  const { data } = await envelope(response);
  expect(response.headers.get('x-limit-fallback')).toBe(header);
  expect(data.metrics).toMatchObject({ fallback, model: 'claude-haiku-5-5', requestedModel: 'claude-sonnet-5-5' });
  expect(modelsOf(app)).toEqual(['claude-haiku-5-5']);
  expect(app.usage).toMatchObject([
    {
      requestedResource: 'claude-sonnet-5-5',
      resource: 'claude-haiku-5-5',
      requestProperties: { limit_fallback: header },
    },
  ]);
  expect(app.told).toEqual(expect.arrayContaining(['call-fell-back', 'limit-fallbacks {"policy":"line"}']));
});

test('so does a stream of events, and a repetition with the same key', async () => {
  const app = await appWith({});
  const events = await search(app, { accept: 'text/event-stream' });
  expect(await events.text()).toContain(JSON.stringify(fallback));
  const first = await search(app, { 'idempotency-key': 'the-same' });
  const again = await search(app, { 'idempotency-key': 'the-same' });
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect([first, again].map(({ headers }) => headers.get('x-limit-fallback'))).toEqual([header, header]);
  expect(modelsOf(app)).toHaveLength(2);
});

test('a paused turn is continued with the model that began it', async () => {
  const app = await appWith({});
  app.model.script({ stopReason: 'pause_turn' });
  expect((await search(app)).status).toBe(200);
  expect(modelsOf(app)).toEqual(['claude-haiku-5-5', 'claude-haiku-5-5']);
});

test('a use case that permits no form is refused', async () => {
  const app = await appWith({ maxUsd: 0.001 });
  const response = await app.call('plan-route', {
    json: { startLocation: 'Moab', days: 2, trails: ['Fins and Things'], vehicle: { make: 'Jeep', model: 'Wrangler' } },
  });
  expect([response.status === 402 || response.status === 400, modelsOf(app)]).toEqual([true, []]);
});
