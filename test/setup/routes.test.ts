import { afterEach, expect, test } from 'vitest';
import { start } from '../../infra/local/payi/test/start.ts';
import { noOverrides } from '../../shared/limits/policies/overrides/override.ts';
import { defaultPolicies } from '../../shared/limits/policies/policy.ts';
import { allUseCases } from '../../shared/use-cases/use-cases.ts';
import { ADMIN_KEY, KEY, startTestApp, type TestApp } from '../support/app.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** The routes of the front-end's admin page. */

let app: TestApp;
afterEach(() => app.close());

async function begin() {
  const { payi, standin } = await start();
  const policies = { reload: async () => undefined, current: () => defaultPolicies, overrides: () => noOverrides };
  const clock = new ManualClock(Date.parse('2026-11-23T10:00:00Z'));
  app = await startTestApp({}, { payi, clock, limits: { policies } as never });
  const call = async (name: string, method: string, key = ADMIN_KEY) => {
    const answer = await app.call(name, { method, anonymous: true, headers: { 'x-functions-key': key } });
    // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
    return { status: answer.status, body: JSON.parse(await answer.text()) as any };
  };
  return { payi, standin, post: () => call('set-up-payi', 'POST'), read: () => call('read-payi-setup', 'GET'), call };
}

test('POST sets up everything and says what became of each item, GET shows it in the names of the admin page', async () => {
  const { post, read } = await begin();
  expect((await read()).body.data).toMatchObject({
    enabled: true,
    useCases: [],
    dryRun: { useCaseDefinitions: allUseCases.map(({ name }) => ({ use_case_name: name, result: 'created' })) },
  });
  const first = await post();
  expect(first).toMatchObject({ status: 200, body: { success: true, message: expect.stringMatching(/^Pay-i setup/) } });
  expect(first.body.errors).toBeUndefined();
  expect(first.body.data.kpis).toContainEqual({
    useCaseName: 'trail_finder',
    kpi_name: 'result_count',
    result: 'created',
  });
  expect(first.body.data.limits).toContainEqual({ limit_id: 'daily-analysis:2026-11-23', result: 'created' });
  const { useCases, kpis, limits, dryRun } = (await read()).body.data;
  expect(useCases[0]).toMatchObject({ use_case_name: 'trail_analysis', version: 3 });
  expect(useCases[0].properties.features.split(',')).toContain('terrain_analysis');
  expect(kpis).toContainEqual({
    useCaseName: 'trail_finder',
    kpi_name: 'result_count',
    description: 'Trails returned',
    value_type: 'number',
    goal: 5,
  });
  expect(limits.find(({ limit_id }: { limit_id: string }) => limit_id === 'monthly-analysis:2026-11')).toMatchObject({
    max: 200,
    threshold: 0.75,
  });
  const again = (await post()).body.data;
  expect(again).toEqual(dryRun);
  const results = Object.values(again).flat() as { result: string }[];
  expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['exists']));
});

test('an item that fails is named with its reason; success is false', async () => {
  const { post, standin } = await begin();
  standin.faults.add({ path: '/use_cases/definitions/trail_planner', status: 403, code: 'nope' });
  const { status, body } = await post();
  expect([status, body.success]).toEqual([200, false]);
  expect(body.errors[0]).toMatch(/^Failed to set up use case trail_planner: Pay-i: .*nope/);
});

test('Pay-i that can not be reached is 503, a key that it refuses 502', async () => {
  const { post, read, standin } = await begin();
  standin.faults.add({ status: 503 });
  expect((await post()).status).toBe(503);
  expect((await read()).status).toBe(503);
  standin.faults.clear();
  standin.faults.add({ status: 401, code: 'invalid_api_key' });
  expect(await post()).toMatchObject({ status: 502, body: { success: false, code: 'payi_rejected' } });
});

test('only admins may', async () => {
  const { call } = await begin();
  expect((await call('set-up-payi', 'POST', KEY)).status).toBe(403);
});
