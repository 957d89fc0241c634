import { expect, test } from 'vitest';
import { item, start } from '../../infra/local/payi/test/start.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { fromGuide } from '../../shared/payi/dialect/from-guide.ts';
import { toGuide } from '../../shared/payi/dialect/to-guide.ts';
import { toLive } from '../../shared/payi/dialect/to-live.ts';
import { collect } from '../../shared/payi/transport/paging.ts';
import type { PayiRequest } from '../../shared/payi/transport/transport.ts';

/** The dialects of the client, each against a stand-in that refuses the other one. */

const definitions = '/use_cases/definitions';
const score = '/use_cases/instances/trail_finder/run-1/kpis/liked';

test.each<[string, PayiRequest, Partial<PayiRequest>]>([
  [
    'attribution stays in the body',
    { method: 'POST', path: '/ingest', body: { category: 'c', units: {}, user_id: 'sam', properties: { a: 'b' } } },
    { body: { category: 'c', units: {}, user_id: 'sam', request_properties: { a: 'b' } } },
  ],
  [
    'thresholds are USD',
    { method: 'POST', path: '/limits', body: { limit_name: 'l', max: 3, threshold: 0.85 } },
    { body: { limit_name: 'l', max: 3, threshold: 2.55 } },
  ],
  ['a limit without a threshold', { method: 'PUT', path: '/limits/l', body: { max: 3 } }, { body: { max: 3 } }],
  [
    'a use case',
    {
      method: 'POST',
      path: definitions,
      body: { name: 'a', description: 'd', limit_config: { max: 2, threshold: 0.75 } },
    },
    { body: { use_case_name: 'a', description: 'd', limit_config: { max: 2, threshold: 1.5 } } },
  ],
  [
    'the limit of each instance',
    { method: 'POST', path: `${definitions}/a/limit_config`, body: { max: 2, threshold: 0.75 } },
    { body: { max: 2, threshold: 1.5 } },
  ],
  [
    'a KPI of yes or no',
    {
      method: 'POST',
      path: `${definitions}/a/kpis`,
      body: { name: 'k', description: 'd', kpi_type: 'boolean', goal: 1 },
    },
    { body: { kpi_name: 'k', description: 'd', value_type: 'boolean', goal: 1 } },
  ],
  [
    'a KPI of numbers',
    {
      method: 'POST',
      path: `${definitions}/a/kpis`,
      body: { name: 'k', description: 'd', kpi_type: 'likert5', goal: 4 },
    },
    { body: { kpi_name: 'k', description: 'd', value_type: 'numeric', goal: 4 } },
  ],
  ['a score', { method: 'PUT', path: score, body: { score: true } }, { method: 'POST', body: { value: true } }],
  [
    'a score that is cleared',
    { method: 'PUT', path: score, body: { score: null } },
    { method: 'POST', body: { value: null } },
  ],
  ['a look at scores', { method: 'GET', path: score.slice(0, -6) }, {}],
  ['a version', { method: 'POST', path: `${definitions}/a/increment_version` }, {}],
  [
    'properties of an instance',
    { method: 'PUT', path: '/use_cases/instances/a/i/properties', body: { properties: { name: 'x' } } },
    {},
  ],
])('guide: %s', (_, request, changed) => {
  expect(toGuide(request)).toEqual({ ...request, ...changed });
});

test('live: only single ingest differs from what the client has, with attribution in headers', () => {
  const body = { category: 'c', units: {}, use_case_name: 'a', limit_ids: ['x', 'y'] };
  expect(toLive({ method: 'POST', path: '/ingest', body })).toEqual({
    method: 'POST',
    path: '/ingest',
    headers: { 'xProxy-UseCase-Name': 'a', 'xProxy-Limit-IDs': 'x,y' },
    body: { category: 'c', units: {} },
  });
  const bulk: PayiRequest = { method: 'POST', path: '/ingest/bulk', body: [body] };
  expect(toLive(bulk)).toBe(bulk);
});

test.each([
  [
    '/limits',
    { items: [{ limit_id: 'l', max: 10, threshold: 8 }] },
    { items: [{ limit_id: 'l', max: 10, threshold: 0.8 }] },
  ],
  ['/limits/l', { limit: { max: 3, threshold: 2.55 } }, { limit: { max: 3, threshold: 0.85 } }],
  [definitions, { items: [{ use_case_name: 'a' }], cursor: 'c' }, { items: [{ name: 'a' }], cursor: 'c' }],
  [`${definitions}/a/kpis/k`, { kpi_name: 'k', value_type: 'numeric' }, { name: 'k', kpi_type: 'numeric' }],
  ['/use_cases/instances/a/i', { use_case_name: 'a', use_case_id: 'i' }, { use_case_name: 'a', use_case_id: 'i' }],
  ['/limits/l', 'not JSON', 'not JSON'],
])('guide: the answer of %s is read', (path, body, read) => {
  expect(fromGuide({ method: 'GET', path }, body)).toEqual(read);
});

test.each(['live', 'guide'] as const)('%s: the whole client is understood', async (dialect) => {
  const { payi, standin } = await start({ dialect });
  const limit = { limit_id: 'day', limit_name: 'day', max: 3, threshold: 0.85 };
  await payi.limits.create(limit);
  expect((await payi.limits.create(limit)).created).toBe(false);
  expect(await payi.limits.get('day')).toMatchObject({ max: 3, threshold: 0.85 });
  await payi.definitions.create({ name: 'trail_finder', description: 'd', limit_config: { max: 0.5, threshold: 0.8 } });
  expect(await payi.definitions.incrementVersion('trail_finder')).toMatchObject({
    name: 'trail_finder',
    type_version: 2,
  });
  expect((await payi.definitions.get('trail_finder'))?.limit_config).toMatchObject({ max: 0.5, threshold: 0.8 });
  const kpi = { name: 'liked', description: 'd', kpi_type: 'boolean', goal: 0.9 } as const;
  await payi.kpis.create('trail_finder', kpi);
  expect(await payi.kpis.update('trail_finder', 'liked', { goal: 0.8 })).toMatchObject({ name: 'liked', goal: 0.8 });
  expect(await collect(payi.kpis.list('trail_finder'))).toMatchObject([{ name: 'liked', kpi_type: 'boolean' }]);
  const attribution = { user_id: 'Zoë', account_name: 'Field Guides', use_case_step: 'draft', use_case_version: 1 };
  const properties = { image_count: '3' };
  const one = item('m1', { ...attribution, properties, limit_ids: ['day'] });
  const answer = await payi.ingest.single(one);
  expect(answer.xproxy_result).toMatchObject({ cost: { total: { base: 0.003 } }, limits: { day: { state: 'ok' } } });
  await payi.kpis.score('trail_finder', 'run-m1', 'liked', true);
  await payi.kpis.score('trail_finder', 'run-m1', 'liked', false);
  expect(await collect(payi.kpis.scores('trail_finder', 'run-m1'))).toMatchObject([{ kpi_name: 'liked', score: 0 }]);
  expect(standin.inspect.events().at(0)).toMatchObject({
    useCaseName: 'trail_finder',
    useCaseId: 'run-m1',
    useCaseStep: 'draft',
    userId: 'Zoë',
    accountName: 'Field Guides',
    limitIds: expect.arrayContaining(['day']),
    item: expect.objectContaining({ properties }),
  });
  expect(await payi.requests.byProvider('system.anthropic', 'm1')).toMatchObject({ cost: { total: { base: 0.003 } } });
});

test.each([
  ['live', 'guide'],
  ['guide', 'live'],
] as const)('a stand-in of the dialect %s refuses a client of %s', async (spoken, dialect) => {
  const { standin } = await start({ dialect: spoken });
  const other = createPayiClient({ baseUrl: standin.url, apiKey: 'key', timeoutMs: 60_000, dialect });
  await expect(other.ingest.single(item('m1'))).rejects.toMatchObject({ payiStatus: 401 });
});
