import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startPayi } from '../../infra/local/payi/src/server.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { createKpiCatalog } from '../../shared/payi/kpi-catalog.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { ADMIN_KEY, envelope, startTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeEach(async () => {
  app = await startTestApp();
  await app.services.instances.save({
    useCaseName: 'trail_finder',
    useCaseId: 'run-of-sam',
    userId: 'sam',
    status: 'skipped',
    updatedAt: '2026-11-23T10:00:00.000Z',
  });
});
afterEach(() => app.close());

const helpful = (id: string) => ({
  useCase: { name: 'trail_finder', id },
  kpis: [{ name: 'helpful', score: true }],
});
const as = (user: string) => ({ 'x-user-id': user });

test('a run is scored by its user, and by an admin', async () => {
  const answer = await app.call('record-kpis', { json: helpful('run-of-sam'), headers: as('sam') });
  expect(answer.status).toBe(202);
  const { data } = await envelope(answer);
  const admin = { 'x-functions-key': ADMIN_KEY };
  expect((await app.call('record-kpis', { json: helpful('run-of-sam'), headers: admin })).status).toBe(202);
  expect(app.kpis).toHaveLength(2);
  expect(app.kpis[0]).toMatchObject({ eventId: data.eventId, ...helpful('run-of-sam') });
});

test('another user’s run is nobody else’s business', async () => {
  const answer = await app.call('record-kpis', { json: helpful('run-of-sam'), headers: as('eve') });
  expect(answer.status).toBe(404);
  expect(app.kpis).toEqual([]);
});

test('a run of which only its caller knows the id can be scored', async () => {
  const answer = await app.call('record-kpis', { json: helpful('0190-a-plan'), headers: as('sam') });
  expect(answer.status).toBe(202);
});

test.each([
  ['no score', { useCase: { name: 'trail_finder', id: 'run-of-sam' }, kpis: [] }],
  ['a text for a score', { ...helpful('run-of-sam'), kpis: [{ name: 'helpful', score: 'yes' }] }],
  ['no use case', { kpis: [{ name: 'helpful', score: 1 }] }],
  ['an id that walks up a path', helpful('..')],
  ['an id of 513 characters', helpful('x'.repeat(513))],
  ['an id with a control character', helpful('run\u0007')],
  ['an id with half a character', helpful('run-\ud83d')],
  ['a KPI that walks up a path', { ...helpful('run-of-sam'), kpis: [{ name: '..', score: 1 }] }],
  ['a KPI of 40,000 characters', { ...helpful('run-of-sam'), kpis: [{ name: 'k'.repeat(40_000), score: 1 }] }],
  ['a use case that walks up a path', { ...helpful('x'), useCase: { name: '..', id: 'x' } }],
  ['something of its own', { ...helpful('run-of-sam'), prompt: 'text' }],
])('%s: 400, and nothing is published', async (_name, json) => {
  const answer = await app.call('record-kpis', { json });
  expect(answer.status).toBe(400);
  expect(app.kpis).toEqual([]);
});

test('what is wrong with a request is said in plain words', async () => {
  const text = async (json: unknown) => (await envelope(await app.call('record-kpis', { json }))).error;
  expect(await text({})).toBe('Invalid request. useCase is missing; kpis is missing');
  expect(await text({ useCase: { name: 'x', id: 'y' }, kpis: [{ name: 'z', score: 'good' }] })).toBe(
    'Invalid request. kpis.0.score must be a number or true or false',
  );
});

describe('scores are checked against the KPIs that Pay-i has', () => {
  const types = { passed: 'boolean', stars: 'likert5', share: 'percentage', miles: 'number' } as const;
  let payi: Awaited<ReturnType<typeof startPayi>>;
  let asked = 0;
  beforeEach(async () => {
    payi = await startPayi();
    const client = createPayiClient({ baseUrl: payi.url, apiKey: 'key', timeoutMs: 60_000 });
    await client.definitions.create({ name: 'rated', description: 'With a KPI of each type' });
    for (const [name, kpi_type] of Object.entries(types))
      await client.kpis.create('rated', { name, description: name, kpi_type, goal: 1 });
    asked = 0;
    const list = (name: string) => {
      asked++;
      return client.kpis.list(name);
    };
    app.services.kpiCatalog = createKpiCatalog({ list }, systemClock);
  });
  afterEach(() => payi.close());

  const score = async (name: string, value: number | boolean, useCase = 'rated') => {
    const json = { useCase: { name: useCase, id: 'run-1' }, kpis: [{ name, score: value }] };
    const answer = await app.call('record-kpis', { json, headers: as('sam') });
    return { status: answer.status, error: answer.status === 202 ? '' : (await envelope(answer)).error };
  };

  test.each([
    ['passed', true, 202, ''],
    ['passed', 0, 400, 'must be true or false'],
    ['stars', 5, 202, ''],
    ['stars', 6, 400, 'must be a number from 1 to 5'],
    ['stars', true, 400, 'must be a number'],
    ['share', -1, 400, 'must be a number from 0 to 100'],
    ['miles', -1, 202, ''],
    ['helpful', 1, 400, 'must be a KPI of rated: miles, passed, share, stars'],
  ] as const)('%s = %s: %s %s', async (name, value, status, error) => {
    const answer = await score(name, value);
    expect(answer.status).toBe(status);
    expect(answer.error).toContain(error);
    expect(app.kpis).toHaveLength(status === 202 ? 1 : 0);
  });

  test('an unknown use case is 404', async () => {
    expect(await score('passed', true, 'unheard')).toMatchObject({ status: 404 });
  });

  test('while Pay-i does not answer, scores pass; a use case is asked for once a minute', async () => {
    payi.faults.add({ status: 503, times: 1 });
    expect(await score('passed', 0)).toMatchObject({ status: 202 });
    for (let turn = 0; turn < 3; turn++) expect(await score('passed', 0)).toMatchObject({ status: 400 });
    expect(asked).toBe(2);
  });
});
