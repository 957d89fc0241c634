import { describe, expect, test } from 'vitest';
import { collect } from '../../../../shared/payi/transport/paging.ts';
import { item, refusal, start } from './start.ts';

describe('limits', () => {
  test('create is idempotent for the same settings, clashes otherwise', async () => {
    const { payi } = await start();
    const limit = { limit_id: 'day', limit_name: 'Day', max: 10, threshold: 0.8 };
    expect((await payi.limits.create(limit)).created).toBe(true);
    expect((await payi.limits.create(limit)).created).toBe(false);
    expect((await refusal(payi.limits.create({ ...limit, max: 11 }))).payiCode).toBe('create_limit_validation_failed');
    expect((await refusal(payi.limits.create({ ...limit, limit_id: 'x' }))).payiCode).toBe('limit_name_already_exist');
  });

  test.each([
    [{ max: 0 }, 'invalid_max_limit'],
    [{ threshold: 8 }, 'create_limit_validation_failed'],
    [{ threshold: 0.74 }, 'create_limit_validation_failed'],
  ])('refuses %j', async (wrong, code) => {
    const { payi } = await start();
    const error = await refusal(payi.limits.create({ limit_name: 'Day', max: 10, ...wrong }));
    expect(error).toMatchObject({ kind: 'rejected', payiStatus: 400, payiCode: code });
  });

  test.each([
    [0.0121, undefined, ['ok', 'ok', 'ok', 'ok', 'overrun']],
    [0.012, 0.75, ['ok', 'ok', 'exceeded', 'exceeded', 'overrun']],
    [0.012, undefined, ['ok', 'ok', 'ok', 'exceeded', 'overrun']],
  ])('states of a limit of %d USD with threshold %s', async (max, threshold, states) => {
    const { payi } = await start();
    await payi.limits.create({ limit_id: 'l', limit_name: 'L', max, ...(threshold !== undefined && { threshold }) });
    const seen: (string | null | undefined)[] = [];
    for (const [index] of states.entries()) {
      const answer = await payi.ingest.single(item(`m${index}`, { limit_ids: ['l'] }));
      seen.push(answer.xproxy_result.limits?.['l']?.state);
    }
    expect(seen).toEqual(states);
    const overrun = (await payi.limits.get('l'))?.totals?.cost?.total?.overrun_base;
    expect(overrun).toBeCloseTo(0.015 - max, 12);
  });

  test('update, reset and remove', async () => {
    const { payi } = await start();
    await payi.limits.create({ limit_id: 'l', limit_name: 'L', max: 1 });
    await payi.ingest.bulk([item('m1', { limit_ids: ['l'] })]);
    expect((await refusal(payi.limits.update('l', { max: 0.002 }))).payiCode).toBe('invalid_max_limit_update');
    expect(await payi.limits.update('l', { max: 2, limit_name: 'M' })).toMatchObject({ max: 2, limit_name: 'M' });
    await payi.limits.setProperties('l', { a: 'b' });
    expect((await payi.limits.reset('l')).totals.cost?.total?.base).toBe(0.003);
    expect((await payi.limits.get('l'))?.totals?.cost?.total?.base).toBe(0);
    expect(await payi.limits.remove('l')).toBe(true);
    expect(await payi.limits.remove('l')).toBe(false);
    expect(await payi.limits.get('l')).toBeUndefined();
    expect((await refusal(payi.limits.reset('l'))).payiCode).toBe('limit_not_found');
  });

  test('lists follow the pages', async () => {
    const { payi } = await start();
    const names = Array.from({ length: 230 }, (_, index) => `limit-${index}`);
    for (const name of names) await payi.limits.create({ limit_id: name, limit_name: name, max: 1 });
    expect((await collect(payi.limits.list())).map((limit) => limit.limit_id)).toEqual(names);
    expect(await collect(payi.limits.list({ limitName: 'limit-7' }))).toMatchObject([{ limit_id: 'limit-7' }]);
  });

  test('each new instance of a use case with a limit_config gets its own', async () => {
    const { payi } = await start();
    await payi.definitions.create({ name: 'trail_finder', description: 'd', limit_config: { max: 0.002 } });
    const answer = await payi.ingest.single(item('m1'));
    const instance = await payi.instances.get('trail_finder', 'run-m1');
    expect(answer.xproxy_result.limits?.[instance?.limit_id ?? '']?.state).toBe('overrun');
  });
});
