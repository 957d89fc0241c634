import { describe, expect, test } from 'vitest';
import { item, refusal, start } from './start.ts';

const fixed = { now: () => Date.parse('2026-11-23T12:00:00Z'), sleep: async () => {} };

describe('single ingest', () => {
  test('says cost, limit states and attribution, non-ASCII too', async () => {
    const { payi } = await start();
    await payi.limits.create({ limit_id: 'day', limit_name: 'Day', max: 10 });
    const answer = await payi.ingest.single(
      item('m1', { use_case_id: 'Gipfel–über 🏔', user_id: 'Zoë', use_case_step: 'plan', limit_ids: ['day'] }),
    );
    expect(answer.xproxy_result).toMatchObject({
      cost: { currency: 'usd', input: { base: 0.002 }, output: { base: 0.001 }, total: { base: 0.003 } },
      limits: { day: { state: 'ok' } },
      use_case_name: 'trail_finder',
      use_case_id: 'Gipfel–über 🏔',
      user_id: 'Zoë',
      use_case_step: 'plan',
    });
    expect(await payi.requests.byId(answer.request_id)).toMatchObject({ request_id: answer.request_id });
  });

  test('control characters cannot end a header', async () => {
    const { payi, standin } = await start();
    await payi.ingest.single(item('m1', { user_id: 'a\r\nxProxy-Limit-IDs: b' }));
    expect(standin.inspect.event('system.anthropic', 'm1')).toMatchObject({
      userId: 'a  xProxy-Limit-IDs: b',
      limitIds: [],
    });
  });

  test('a known id is reported as a duplicate and not charged again', async () => {
    const { payi, standin } = await start();
    const first = await payi.ingest.single(item('m1'));
    const second = await payi.ingest.single(item('m1'));
    expect(second.request_id).toBe(first.request_id);
    expect(second.xproxy_result.duplicate_request).toBe(true);
    expect(standin.inspect.event('system.anthropic', 'm1')).toMatchObject({
      accepted: 2,
      duplicates: 1,
      costUsd: 0.003,
    });
  });
});

describe('bulk ingest', () => {
  test.each<[string, object, string]>([
    ['no category', { category: '' }, 'request_processing_error'],
    ['negative units', { units: { text: { input: -1 } } }, 'request_processing_error'],
    ['units beyond int32', { units: { text: { input: 2_147_483_648 } } }, 'request_processing_error'],
    ['an unknown member', { prompt: 'x' }, 'request_processing_error'],
    ['a property that is not a text', { properties: { a: 1 } }, 'request_processing_error'],
    ['an instance without its use case', { use_case_name: null }, 'request_processing_error'],
    ['6 minutes ahead', { event_timestamp: '2026-11-23T12:06:00Z' }, 'invalid_ingest_event_timestamp'],
    ['an unknown limit', { limit_ids: ['nope'] }, 'invalid_limit_ids'],
    ['a limit twice', { limit_ids: ['allow', 'allow'] }, 'duplicate_limit_id'],
    ['a limit that blocks', { limit_ids: ['allow', 'block'] }, 'blocking_limit_not_allowed'],
    ['a use case that is not a name', { use_case_name: 'a b' }, 'invalid_use_case_name'],
  ])('refuses %s alone', async (_, wrong, code) => {
    const { payi, standin } = await start({ clock: fixed });
    await payi.limits.create({ limit_id: 'allow', limit_name: 'a', max: 10 });
    await payi.limits.create({ limit_id: 'block', limit_name: 'b', max: 10, limit_type: 'block' });
    const bad = { ...item('bad'), ...wrong };
    const answer = await payi.ingest.bulk([item('m1'), bad, item('m2')]);
    expect(answer).toMatchObject({ ingest_count: 2, total_count: 3 });
    expect(answer.errors).toMatchObject([{ item_index: 1, xproxy_result: { xproxy_error: { code } } }]);
    expect([...standin.inspect.events()].map((event) => event.providerResponseId)).toEqual(['m1', 'm2']);
  });

  test('all items refused (400) is an answer, no array is an error', async () => {
    const { payi, raw } = await start();
    expect(await payi.ingest.bulk([item('m1', { category: '' })])).toMatchObject({ ingest_count: 0, error_count: 1 });
    expect((await raw('POST', '/api/v1/ingest/bulk', {})).status).toBe(400);
    expect((await raw('POST', '/api/v1/ingest/bulk', '[{')).status).toBe(400);
  });

  test('a repeat is seen and not charged, an update moves the charge', async () => {
    const { payi, standin } = await start();
    await payi.limits.create({ limit_id: 'day', limit_name: 'Day', max: 10 });
    await payi.ingest.bulk([item('m1', { limit_ids: ['day'] })]);
    await payi.ingest.bulk([item('m1', { limit_ids: ['day'] })]);
    await payi.ingest.bulkUpsert([item('m1', { limit_ids: ['day'], units: { text: { input: 2000, output: 200 } } })]);
    expect(standin.inspect.event('system.anthropic', 'm1')).toMatchObject({
      accepted: 3,
      duplicates: 1,
      upserted: 1,
      costUsd: 0.006,
    });
    const limit = await payi.limits.get('day');
    expect(limit?.totals?.cost?.total?.base).toBe(0.006);
    expect(limit?.totals?.requests?.['total']).toBe(1);
    expect(standin.inspect.summary()).toMatchObject({ events: 1, accepted: 3, doubledEvents: 1 });
  });

  test('a failed call costs nothing and counts as failed', async () => {
    const { payi } = await start();
    await payi.limits.create({ limit_id: 'day', limit_name: 'Day', max: 10 });
    await payi.ingest.bulk([item('m1', { units: {}, http_status_code: 529, limit_ids: ['day'] })]);
    const totals = (await payi.limits.get('day'))?.totals;
    expect(totals?.requests).toMatchObject({ failed: 1, total: 1 });
    expect(totals?.cost?.total?.base).toBe(0);
  });

  test('an unknown use case is defined or refused, as set', async () => {
    const create = await start();
    await create.payi.ingest.bulk([item('m1')]);
    expect(await create.payi.definitions.get('trail_finder')).toMatchObject({ type_version: 1 });
    const refuse = await start({ unknownUseCase: 'refuse' });
    const answer = await refuse.payi.ingest.bulk([item('m1'), item('m2')]);
    expect(answer.errors?.[0]?.xproxy_result?.xproxy_error?.code).toBe('use_case_not_found');
  });

  test.each([
    ['claude-sonnet-5-5', '2026-10-06T23:59:59Z', { text_cache_read: { input: 1_000_000 } }, 0.2],
    ['claude-sonnet-5-5', '2026-10-07T00:00:00Z', { text_cache_read: { input: 1_000_000 } }, 0.1],
    ['claude-haiku-5-5', '2026-11-01T00:00:00Z', { text: { input: 100_000, output: 0 } }, 0.01],
    ['claude-haiku-5-5', '2026-11-01T00:00:00Z', { text: { input: 100_001, output: 1000 } }, 0.0525005],
    ['claude-sonnet-4-5', '2026-11-01T00:00:00Z', { text_large_context: { input: 1_000_000 } }, 3],
    ['claude-opus-5-5', '2026-11-01T00:00:00Z', { web_search_request: { output: 3 } }, 0.03],
    ['no-such-model', '2026-11-01T00:00:00Z', { text: { input: 5 } }, 0],
  ])('prices %s on %s', async (resource, at, units, usd) => {
    const { payi } = await start();
    await payi.ingest.bulk([item('m1', { resource, event_timestamp: at, units })]);
    const result = await payi.requests.byProvider('system.anthropic', 'm1');
    expect(result?.cost?.total?.base).toBe(usd);
    expect(result?.unknown_units ?? undefined).toEqual(resource === 'no-such-model' ? units : undefined);
  });

  test('what is unknown is undefined, ids of any shape are found', async () => {
    const { payi } = await start();
    const id = 'a/b?c#d%2F ü';
    await payi.ingest.bulk([item(id)]);
    expect(await payi.requests.byProvider('system.anthropic', id)).toMatchObject({ use_case_id: `run-${id}` });
    expect(await payi.requests.byProvider('system.openai', id)).toBeUndefined();
    expect((await refusal(payi.instances.setProperties('trail_finder', 'none', {}))).payiStatus).toBe(404);
  });
});
