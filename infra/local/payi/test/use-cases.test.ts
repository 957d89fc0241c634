import { describe, expect, test } from 'vitest';
import type { CreateKpi } from '../../../../shared/payi/kpis.ts';
import { collect } from '../../../../shared/payi/transport/paging.ts';
import { item, refusal, start } from './start.ts';

const kpi = (type: CreateKpi['kpi_type']): CreateKpi => ({ name: 'k', description: 'd', kpi_type: type, goal: 1 });

describe('use cases', () => {
  test('versions rise one by one, new instances get the latest', async () => {
    const { payi } = await start();
    await payi.definitions.create({ name: 'trail_finder', description: 'd' });
    expect((await payi.definitions.incrementVersion('trail_finder')).type_version).toBe(2);
    await payi.ingest.bulk([item('m1'), item('m2', { use_case_version: 1 })]);
    expect((await payi.instances.get('trail_finder', 'run-m1'))?.type_version).toBe(2);
    expect((await payi.instances.get('trail_finder', 'run-m2'))?.type_version).toBe(1);
  });

  test('create, read, update, remove', async () => {
    const { payi } = await start();
    const definition = { name: 'a', description: 'd' };
    expect((await payi.definitions.create(definition)).created).toBe(true);
    expect((await payi.definitions.create(definition)).created).toBe(false);
    const clash = await refusal(payi.definitions.create({ ...definition, description: 'e' }));
    expect(clash.payiCode).toBe('use_case_already_exists');
    await payi.definitions.update('a', { description: 'e' });
    expect((await payi.definitions.get('a'))?.description).toBe('e');
    await payi.definitions.setLimitConfig('a', { max: 1 });
    expect((await payi.definitions.get('a'))?.limit_config).toEqual({ max: 1 });
    await payi.definitions.removeLimitConfig('a');
    const { use_case_id: id } = await payi.instances.create('a');
    expect(await payi.instances.remove('a', id)).toBe(true);
    expect(await payi.instances.remove('a', id)).toBe(false);
    expect(await payi.definitions.remove('a')).toBe(true);
    expect(await payi.definitions.remove('a')).toBe(false);
    expect((await refusal(payi.definitions.create({ name: 'a b', description: 'd' }))).payiCode).toBe(
      'invalid_use_case_name',
    );
  });
});

describe('KPIs', () => {
  test.each<[CreateKpi['kpi_type'], unknown[], unknown[]]>([
    ['boolean', [true, false, null], [1, 'yes', 0.5]],
    ['number', [-3.5, 0, 1e6, null], [true, '1']],
    ['percentage', [0, 0.5, 100], [-1, 101, true]],
    ['likert5', [1, 4.5, 5], [0, 6]],
    ['likert7', [1, 7], [0, 8]],
    ['likert10', [1, 10], [0, 11]],
  ])('%s takes %j and refuses %j', async (type, good, bad) => {
    const { payi, raw } = await start();
    await payi.ingest.bulk([item('m1')]);
    await payi.kpis.create('trail_finder', kpi(type));
    const put = (score: unknown) =>
      raw('PUT', '/api/v1/use_cases/instances/trail_finder/run-m1/kpis/k', { score }).then(({ status }) => status);
    for (const score of good) expect([score, await put(score)]).toEqual([score, 200]);
    for (const score of bad) expect([score, await put(score)]).toEqual([score, 400]);
  });

  test('404 (ProblemDetails) before the instance is there; the last score wins', async () => {
    const { payi, standin } = await start();
    await payi.definitions.create({ name: 'trail_finder', description: 'd' });
    await payi.kpis.create('trail_finder', kpi('boolean'));
    const early = await refusal(payi.kpis.score('trail_finder', 'run-m1', 'k', true));
    expect(early).toMatchObject({ kind: 'rejected', payiStatus: 404 });
    expect(early.message).toContain('no such instance');
    await payi.ingest.bulk([item('m1')]);
    await payi.kpis.score('trail_finder', 'run-m1', 'k', true);
    await payi.kpis.score('trail_finder', 'run-m1', 'k', false);
    expect(await collect(payi.kpis.scores('trail_finder', 'run-m1'))).toMatchObject([{ kpi_name: 'k', score: 0 }]);
    expect([...standin.inspect.scores()]).toEqual([
      { useCaseName: 'trail_finder', useCaseId: 'run-m1', kpiName: 'k', score: 0, puts: 2 },
    ]);
  });

  test('definitions of KPIs', async () => {
    const { payi } = await start();
    await payi.definitions.create({ name: 'a', description: 'd' });
    await payi.kpis.create('a', kpi('number'));
    expect(await payi.kpis.update('a', 'k', { goal: 2 })).toMatchObject({ goal: 2, kpi_type: 'number' });
    expect(await collect(payi.kpis.list('a'))).toMatchObject([{ name: 'k' }]);
    expect(await payi.kpis.remove('a', 'k')).toBe(true);
    expect(await payi.kpis.get('a', 'k')).toBeUndefined();
  });

  test('prices can be read', async () => {
    const { payi } = await start();
    expect(await collect(payi.categories.list())).toContainEqual({ category: 'system.anthropic' });
    const versions = await collect(payi.categories.versions('system.anthropic', 'claude-sonnet-5-5'));
    expect(versions.map((version) => version.units?.['text_cache_read']?.input_price)).toEqual([0.0000002, 0.0000001]);
  });
});
