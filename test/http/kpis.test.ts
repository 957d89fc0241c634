import { afterEach, beforeEach, expect, test } from 'vitest';
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
