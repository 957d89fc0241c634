import { afterEach, expect, test } from 'vitest';
import { TrailmeterError } from '../../shared/errors/trailmeter-error.ts';
import type { Gate } from '../../shared/limits/gate/gate.ts';
import { noGate } from '../../shared/limits/gate/no-gate.ts';
import { ADMIN_KEY, envelope, startTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
afterEach(() => app.close());

const limitReached = () =>
  new TrailmeterError('limit_reached', 'The limit user-daily:sam has no room for this call.', {
    status: 402,
    details: { limitId: 'user-daily:sam', maxUsd: 5, leftUsd: 0 },
    retryAfterSeconds: 60,
  });
/** Lets so many calls through. */
const gateWith = (room: number): Gate => {
  let left = room;
  return {
    hold: async (request) => {
      left -= 1;
      if (left < 0) throw limitReached();
      return noGate.hold(request);
    },
  };
};
const search = () => app.call('search-trails', { json: { location: 'Moab' } });

test('without budget the model is not called, nothing is scored, and the limit is named', async () => {
  app = await startTestApp({}, { gate: gateWith(0) });
  const response = await search();
  expect([response.status, response.headers.get('retry-after')]).toEqual([402, '60']);
  expect(await envelope(response)).toEqual({
    success: false,
    error: 'The limit user-daily:sam has no room for this call.',
    code: 'limit_reached',
    details: { limitId: 'user-daily:sam', maxUsd: 5, leftUsd: 0 },
  });
  expect([app.model.calls(), app.kpis]).toEqual([[], []]);
});

test('budget that ends before the repair: what was paid is reported', async () => {
  app = await startTestApp({}, { gate: gateWith(1) });
  app.model.script({ text: 'nonsense' });
  const response = await search();
  const { code, details } = await envelope(response);
  expect([response.status, code, details.limitId, details.metrics.modelCalls]).toEqual([
    402,
    'limit_reached',
    'user-daily:sam',
    1,
  ]);
  expect(app.kpis[0]?.kpis).toContainEqual({ name: 'search_success', score: false });
});

test.each([
  ['of the caller', false, {}, true],
  ['that users share', true, {}, false],
  ['that users share, for an admin', true, { 'x-functions-key': ADMIN_KEY }, true],
])('a limit %s that only warns is reported with the answer', async (_, isShared, headers, showsFigures) => {
  const warning = {
    limitId: 'monthly',
    state: 'exceeded' as const,
    isShared,
    unit: 'usd' as const,
    max: 5_000_000_000n,
    spent: 4_500_000_000n,
  };
  const gate: Gate = { hold: async (request) => ({ ...(await noGate.hold(request)), warnings: [warning] }) };
  app = await startTestApp({}, { gate });
  const answer = await app.call('search-trails', { json: { location: 'Moab' }, headers });
  expect(answer.headers.get('x-limit-state')).toBe('monthly=exceeded');
  const { data } = await envelope(answer);
  expect(data.metrics.limits).toEqual([
    { limitId: 'monthly', state: 'exceeded', ...(showsFigures && { unit: 'usd', maxUsd: 5, spentUsd: 4.5 }) },
  ]);
});

test('far from every limit the header says so', async () => {
  app = await startTestApp();
  expect((await search()).headers.get('x-limit-state')).toBe('ok');
});

test('usage and scores are of one instance, and of the caller', async () => {
  app = await startTestApp();
  const { data } = await envelope(
    await app.call('search-trails', { json: { location: 'Moab, Utah' }, headers: { 'x-account-name': 'acme' } }),
  );
  const id = data.metrics.use_case_id;
  expect(app.kpis.map(({ useCase }) => useCase.id)).toEqual([id]);
  expect(app.usage).toHaveLength(1);
  expect(app.usage[0]).toMatchObject({
    useCase: { name: 'trail_finder', id, version: 2 },
    userId: 'sam',
    accountName: 'acme',
    useCaseProperties: { location: 'Moab, Utah', difficulty_pref: 'any', trip_length: 'any', has_vehicle: 'false' },
    requestProperties: { search_radius: '50' },
  });
  expect(data.metrics.webSearches).toBeGreaterThan(0);
});
