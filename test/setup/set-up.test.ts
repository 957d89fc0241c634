import { expect, test } from 'vitest';
import { start } from '../../infra/local/payi/test/start.ts';
import { defaultPolicies, type Policy } from '../../shared/limits/policies/policy.ts';
import { collect } from '../../shared/payi/transport/paging.ts';
import { setUpPayi } from '../../shared/setup/set-up.ts';
import type { UseCase } from '../../shared/use-cases/use-case.ts';
import { allUseCases, declaredPolicies, useCases } from '../../shared/use-cases/use-cases.ts';

/** Use cases and their KPIs. */
const items = (list: readonly UseCase[]): number => list.reduce((sum, { kpis }) => sum + 1 + kpis.length, 0);
const results = (items: { result: string }[]) => [...new Set(items.map((item) => item.result))];

test.each(['live', 'guide'] as const)('first created, then there, in the dialect %s', async (dialect) => {
  const { payi } = await start({ dialect });
  const first = await setUpPayi(payi);
  expect(first).toHaveLength(items(allUseCases));
  expect(results(first)).toEqual(['created']);
  expect(results(await setUpPayi(payi))).toEqual(['exists']);
  expect((await payi.definitions.get('trail_analysis'))?.type_version).toBe(useCases.analysis.version);
  for (const { name, kpis } of allUseCases)
    expect(await collect(payi.kpis.list(name))).toMatchObject(
      kpis.map(({ name: kpi, description, kpi_type, goal }) => ({
        name: kpi,
        description,
        kpi_type: dialect === 'live' || kpi_type === 'boolean' ? kpi_type : 'numeric',
        goal,
      })),
    );
});

test('a dry run tells the same and changes nothing', async () => {
  const { payi, standin } = await start();
  const dry = await setUpPayi(payi, { dryRun: true });
  const writes = Object.keys(standin.inspect.summary().requests).filter((name) => !name.startsWith('GET'));
  expect(writes).toEqual([]);
  expect(dry).toEqual(await setUpPayi(payi));
});

test('differences are made equal, what cannot be is reported', async () => {
  const { payi } = await start();
  await setUpPayi(payi);
  await payi.definitions.update('trail_finder', { description: 'other' });
  await payi.kpis.update('trail_finder', 'result_count', { goal: 1 });
  await payi.kpis.remove('trail_planner', 'waypoint_count');
  await payi.kpis.create('trail_planner', { name: 'waypoint_count', description: 'd', kpi_type: 'boolean', goal: 1 });
  const changed = (await setUpPayi(payi)).filter((item) => item.result !== 'exists');
  expect(changed.map(({ name, result }) => [name, result])).toEqual([
    ['trail_finder', 'updated'],
    ['trail_finder/result_count', 'updated'],
    ['trail_planner/waypoint_count', 'failed'],
  ]);
  expect(changed[0]?.changes).toEqual([{ member: 'description', from: 'other', to: useCases.finder.description }]);
  expect(changed[1]?.changes).toEqual([{ member: 'goal', from: 1, to: 5 }]);
  expect(changed[2]?.reason).toContain('boolean');
});

test('a use case that fails fails with its KPIs, the others go on', async () => {
  const { payi, standin } = await start();
  standin.faults.add({ path: '/use_cases/definitions/trail_finder', status: 403, code: 'nope' });
  const done = await setUpPayi(payi);
  const failed = done.filter((item) => item.result === 'failed').map((item) => item.name);
  expect(failed).toHaveLength(items([useCases.finder]));
  expect(failed.every((name) => name.startsWith('trail_finder'))).toBe(true);
  expect(done.filter((item) => item.result === 'created')).toHaveLength(items(allUseCases) - failed.length);
});

test('a version is raised to ours, and one that is ahead stays', async () => {
  const { payi } = await start();
  await payi.definitions.create({ name: 'trail_tip', description: 'd' });
  const wanted = (version: number) => [{ name: 'trail_tip', description: 'd', version, kpis: [] }];
  const [raised] = await setUpPayi(payi, { wanted: wanted(3) });
  expect(raised).toMatchObject({ result: 'updated', changes: [{ member: 'version', from: 1, to: 3 }] });
  const [ahead] = await setUpPayi(payi, { wanted: wanted(2) });
  expect(ahead).toMatchObject({ result: 'exists', reason: expect.stringContaining('version 3') });
  expect((await payi.definitions.get('trail_tip'))?.type_version).toBe(3);
});

test('the limit of instances is created, changed, and left alone where none is declared', async () => {
  const { payi } = await start();
  const tip = { name: 'trail_tip', description: 'd', version: 1, kpis: [] };
  const configOf = async () => (await payi.definitions.get('trail_tip'))?.limit_config;
  const set = async (more: Partial<UseCase>) => (await setUpPayi(payi, { wanted: [{ ...tip, ...more }] }))[0];
  expect(await set({ instanceLimit: { maxUsd: 1, threshold: 0.8 } })).toMatchObject({ result: 'created' });
  expect(await configOf()).toEqual({ max: 1, threshold: 0.8, limit_type: 'allow' });
  expect(await set({ instanceLimit: { maxUsd: 1, threshold: 0.8 } })).toMatchObject({ result: 'exists' });
  expect((await set({ instanceLimit: { maxUsd: 2 } }))?.changes).toEqual([
    { member: 'limit_config.max', from: 1, to: 2 },
    { member: 'limit_config.threshold', from: 0.8, to: 'none' },
  ]);
  expect(await configOf()).toEqual({ max: 2, limit_type: 'allow' });
  expect(await set({})).toMatchObject({ result: 'exists' });
  expect(await configOf()).toEqual({ max: 2, limit_type: 'allow' });
});

test.each(['live', 'guide'] as const)(
  'the limits of the current periods are created without users, and their maximum follows the policy (%s)',
  async (dialect) => {
    const { payi } = await start({ dialect });
    const nowMs = Date.parse('2026-11-23T10:00:00Z');
    const limitsOf = async (policies: Policy[]) =>
      (await setUpPayi(payi, { wanted: [useCases.finder], limits: { policies, nowMs } })).filter(
        ({ kind }) => kind === 'limit',
      );
    expect((await limitsOf(defaultPolicies)).map(({ name, result }) => [name, result])).toEqual([
      ['daily-budget:2026-11-23', 'created'],
      ['monthly-budget:2026-11', 'created'],
    ]);
    // The app takes what the set-up made as its own.
    expect(await payi.limits.get('daily-budget:2026-11-23')).toMatchObject({ limit_type: 'allow', max: 50 });
    const raised = defaultPolicies.map((policy) => ({ ...policy, maxUsd: (policy.maxUsd ?? 0) + 1, threshold: 0.9 }));
    expect(await limitsOf(raised)).toMatchObject([
      {
        result: 'updated',
        changes: [{ member: 'max', from: 50, to: 51 }],
        reason: expect.stringContaining('threshold'),
      },
      { result: 'updated', changes: [{ member: 'max', from: 500, to: 501 }] },
    ]);
    await payi.limits.create({ limit_id: 'hard:always', limit_name: 'hard:always', max: 1, limit_type: 'block' });
    const hard = { ...(defaultPolicies[0] as Policy), name: 'hard', window: 'none' as const };
    expect(await limitsOf([hard])).toMatchObject([{ result: 'failed', reason: expect.stringContaining('block') }]);
  },
);

test('names of what is declared are legal, and each is there once', () => {
  const names = [...allUseCases, ...declaredPolicies].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(allUseCases.every(({ name }) => /^[\w.-]{1,64}$/.test(name))).toBe(true);
  for (const { kpis } of allUseCases) expect(new Set(kpis.map(({ name }) => name)).size).toBe(kpis.length);
});
