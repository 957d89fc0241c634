import { expect, test } from 'vitest';
import { start } from '../../infra/local/payi/test/start.ts';
import { setUpPayi } from '../../shared/payi/setup.ts';
import { collect } from '../../shared/payi/transport/paging.ts';
import type { UseCase } from '../../shared/use-cases/use-case.ts';
import { allUseCases, useCases } from '../../shared/use-cases/use-cases.ts';

/** Use cases and their KPIs. */
const items = (list: readonly UseCase[]): number => list.reduce((sum, { kpis }) => sum + 1 + kpis.length, 0);
const results = (items: { result: string }[]) => [...new Set(items.map((item) => item.result))];

test('first created, then there', async () => {
  const { payi } = await start();
  const first = await setUpPayi(payi);
  expect(first).toHaveLength(items(allUseCases));
  expect(results(first)).toEqual(['created']);
  expect(results(await setUpPayi(payi))).toEqual(['exists']);
  expect((await payi.definitions.get('trail_analysis'))?.type_version).toBe(3);
  for (const { name, kpis } of allUseCases) expect(await collect(payi.kpis.list(name))).toMatchObject(kpis);
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
