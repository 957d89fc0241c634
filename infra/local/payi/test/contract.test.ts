import { describe, expect, test } from 'vitest';
import { item, start } from './start.ts';

/** Parts of the API that none of our clients needs, or none would send: held here as it stands in the fact sheet. */

const text = { 'content-type': 'application/json' };
const apiError = (status: number, code: string) => ({
  statusCode: status,
  message: expect.any(String),
  xproxy_error: { code, message: expect.any(String) },
});

async function prepared() {
  const standing = await start();
  const { payi, raw } = standing;
  await payi.definitions.create({ name: 'a', description: 'd' });
  await payi.kpis.create('a', { name: 'k', description: 'd', kpi_type: 'boolean', goal: 1 });
  await payi.limits.create({ limit_id: 'l', limit_name: 'L', max: 10 });
  await payi.ingest.bulk([item('m', { use_case_name: 'a', use_case_id: 'i' })]);
  const call = async (line: string, body?: unknown, headers: Record<string, string> = {}) => {
    const [method = '', path = ''] = line.split(' ');
    const answer = await raw(method, `/api/v1${path}`, body, { ...text, ...headers });
    const words = await answer.text();
    return { status: answer.status, type: answer.headers.get('content-type'), body: words && JSON.parse(words) };
  };
  return { ...standing, call };
}

describe('errors have the shape of their route', () => {
  test.each<[string, unknown, number, string]>([
    ['GET /limits/none', undefined, 400, 'limit_not_found'],
    ['PUT /limits/none', { max: 1 }, 400, 'limit_not_found'],
    ['DELETE /limits/none', undefined, 400, 'limit_not_found'],
    ['POST /limits/none/reset', undefined, 400, 'limit_not_found'],
    ['PUT /limits/none/properties', { properties: {} }, 404, 'limit_not_found'],
    ['POST /limits/l/reset?resetDate=soon', undefined, 400, 'request_processing_error'],
    ['POST /limits', { limit_name: 'M', max: 1, limit_type: 'soft' }, 400, 'request_processing_error'],
    ['POST /limits', { limit_name: 'M', max: 1, period: 'day' }, 400, 'request_processing_error'],
    ['PUT /limits/l', { threshold: 0.8 }, 400, 'request_processing_error'],
    ['POST /use_cases/definitions', { name: 'b' }, 400, 'request_processing_error'],
    ['POST /use_cases/definitions', { name: 'b', description: '' }, 400, 'invalid_use_case_description'],
    ['POST /use_cases/definitions', { name: 'x'.repeat(65), description: 'd' }, 400, 'invalid_use_case_name'],
    [
      'POST /use_cases/definitions',
      { name: 'b', description: 'd', limit_config: { max: 1, threshold: 8 } },
      400,
      'create_limit_validation_failed',
    ],
    [
      'POST /use_cases/definitions',
      { name: 'b', description: 'd', limit_config: { max: 0 } },
      400,
      'invalid_max_limit',
    ],
    ['POST /use_cases/definitions/a/limit_config', { limit_config: { max: 1 } }, 400, 'request_processing_error'],
    [
      'POST /use_cases/definitions/a/kpis',
      { name: 'x', description: 'd', kpi_type: 'boolean' },
      400,
      'request_processing_error',
    ],
    [
      'POST /use_cases/definitions/a/kpis',
      { name: 'x', description: 'd', kpi_type: 'text', goal: 1 },
      400,
      'request_processing_error',
    ],
    ['PUT /use_cases/definitions/a/kpis/k', { kpi_type: 'number' }, 400, 'request_processing_error'],
    ['GET /use_cases/definitions/none', undefined, 404, 'use_case_not_found'],
    ['POST /use_cases/definitions/none/increment_version', undefined, 404, 'use_case_not_found'],
    ['POST /use_cases/instances/none', undefined, 404, 'use_case_not_found'],
    ['GET /use_cases/instances/a/none', undefined, 404, 'use_case_instance_not_found'],
    ['GET /use_cases/instances/a/none/kpis', undefined, 404, 'use_case_instance_not_found'],
    ['GET /use_cases/instances/a/none/value', undefined, 404, 'use_case_instance_not_found'],
    ['PUT /use_cases/instances/a/none/properties', { properties: {} }, 404, 'use_case_instance_not_found'],
    ['GET /requests/none/result', undefined, 404, 'request_not_found'],
    ['GET /requests/provider/system.anthropic/none/result', undefined, 404, 'request_not_found'],
    ['PUT /requests/provider/system.anthropic/m/properties', { properties: { a: 1 } }, 400, 'request_processing_error'],
    ['POST /ingest', '{"category":', 400, 'request_processing_error'],
    ['POST /ingest', { units: {} }, 400, 'request_processing_error'],
    ['POST /ingest', { category: 'c', units: {}, event_timestamp: 'yesterday' }, 400, 'request_processing_error'],
    ['POST /ingest', { category: 'c', units: {}, event_timestamp: '24 Nov 2026' }, 400, 'request_processing_error'],
    [
      'POST /ingest',
      { category: 'c', units: {}, event_timestamp: '2026-02-30T00:00:00Z' },
      400,
      'request_processing_error',
    ],
    ['GET /categories/none/resources', undefined, 404, 'category_resource_not_found'],
    ['POST /categories/system.mine/resources/r', { units: {} }, 403, 'request_processing_error'],
    ['DELETE /categories/system.anthropic', undefined, 403, 'request_processing_error'],
    ['DELETE /categories/none', undefined, 404, 'category_resource_not_found'],
  ])('%s %j', async (line, body, status, code) => {
    const { call } = await prepared();
    expect(await call(line, body)).toMatchObject({ status, body: apiError(status, code) });
  });

  test.each([
    ['no JSON', '[{'],
    ['no array', { events: [] }],
    ['all refused', [{}, 1]],
  ])('bulk: %s', async (_name, body) => {
    const { call } = await prepared();
    for (const path of ['bulk', 'bulk-upsert']) {
      const answer = await call(`POST /ingest/${path}`, body);
      expect(answer).toMatchObject({ status: 400, body: { ingest_count: 0, ingest_timestamp: expect.any(String) } });
      expect(answer.body.errors[0].xproxy_result).toMatchObject({ statusCode: 400, message: expect.any(String) });
    }
  });

  test.each([
    ['no JSON', '{'],
    ['no score', {}],
    ['another type', { score: 1 }],
  ])('a score: %s', async (_name, body) => {
    const { call } = await prepared();
    const answer = await call('PUT /use_cases/instances/a/i/kpis/k', body);
    expect(answer).toMatchObject({ status: 400, type: 'application/problem+json' });
    expect(answer.body).toEqual({
      type: expect.any(String),
      title: 'Bad Request',
      status: 400,
      detail: expect.any(String),
    });
  });
});

describe('answers', () => {
  test('a limit tells nothing but these members', async () => {
    const { call } = await prepared();
    const none = { ok: 0, exceeded: 0, overrun: 0, blocked: 0, blocked_external: 0, failed: 0, total: 0 };
    expect((await call('GET /limits/l')).body).toEqual({
      request_id: expect.any(String),
      limit: {
        limit_id: 'l',
        limit_name: 'L',
        limit_type: 'allow',
        max: 10,
        limit_creation_timestamp: expect.any(String),
        limit_update_timestamp: expect.any(String),
        totals: { cost: { input: { base: 0 }, output: { base: 0 }, total: { base: 0 } }, requests: none },
      },
    });
    const [properties] = (await call('PUT /limits/l/properties', { properties: { a: 'b', c: null } })).body;
    expect(Object.keys(properties)).toEqual(['request_id', 'limit']);
  });

  test('a reset returns what was before, and when it holds from', async () => {
    const { call, payi } = await prepared();
    await payi.ingest.bulk([item('n', { limit_ids: ['l'] })]);
    const { body } = await call('POST /limits/l/reset?resetDate=2026-11-01T00:00:00Z');
    expect(body.limit_history).toMatchObject({
      limit_id: 'l',
      max: 10,
      limit_reset_timestamp: '2026-11-01T00:00:00.000Z',
      totals: { cost: { total: { base: 0.003 } }, requests: { ok: 1, total: 1 } },
    });
  });

  test('an empty page says so', async () => {
    const { call } = await prepared();
    expect((await call('GET /limits?limit_name=none')).body).toEqual({
      request_id: expect.any(String),
      cursor: null,
      items: [],
    });
    const page = await call('GET /limits?limit=1&sort_ascending=false');
    expect(page.body.items).toHaveLength(1);
  });

  test('a failed call is accepted with empty units; a header without its name is not', async () => {
    const { call } = await prepared();
    const failed = { category: 'system.anthropic', resource: 'x', units: {}, http_status_code: 299 };
    const headers = {
      'xProxy-Limit-IDs': 'l, ,',
      'xProxy-Instrumented-Module': 'anthropic/1',
      'xProxy-Resource-Scope': 'global',
    };
    const answer = await call('POST /ingest?id=m9', failed, headers);
    expect(answer.body.xproxy_result).toMatchObject({
      limits: { l: { state: 'failed' } },
      cost: { total: { base: 0 } },
    });
    expect((await call('GET /limits/l')).body.limit.totals.requests).toMatchObject({ failed: 1, total: 1 });
    expect(await call('POST /ingest', failed, { 'xProxy-UseCase-ID': 'i' })).toMatchObject({ status: 400 });
  });

  test('a use case without an instance id gets one', async () => {
    const { call } = await prepared();
    const { body } = await call('POST /ingest', { category: 'c', units: {} }, { 'xProxy-UseCase-Name': 'a' });
    const id = body.xproxy_result.use_case_id;
    expect((await call(`GET /use_cases/instances/a/${id}`)).body).toEqual({
      use_case_id: id,
      use_case_name: 'a',
      type_version: 1,
    });
  });

  test('an instance of one use case does not belong to another', async () => {
    const { call, payi } = await prepared();
    await payi.definitions.create({ name: 'b', description: 'd' });
    expect((await call('GET /use_cases/instances/b/i')).status).toBe(404);
  });

  test('a limit with the name of an instance’s own does not get in the way of ingest', async () => {
    const { call, payi } = await prepared();
    await payi.definitions.setLimitConfig('a', { max: 1 });
    for (let n = 0; n < 4; n++) await payi.limits.create({ limit_name: `a:${n}`, max: 1 });
    expect((await call('POST /ingest', { category: 'c', units: {} }, { 'xProxy-UseCase-Name': 'a' })).status).toBe(200);
  });

  test('prices of one’s own: per unit, dated, removable', async () => {
    const { call } = await prepared();
    const path = '/categories/mine/resources/r';
    const created = await call(`POST ${path}`, { units: { text: { input_price: 0.001, output_price: 0.002 } } });
    expect(created.status).toBe(201);
    const again = { units: { text: { input_price: 0.5 } }, start_timestamp: '2020-01-01T00:00:00Z' };
    expect((await call(`POST ${path}`, again)).status).toBe(201);
    const event = { category: 'mine', resource: 'r', units: { text: { input: 2, output: 3 }, image: { output: 1 } } };
    const { cost, unknown_units: unknown, resource_id: id } = (await call('POST /ingest', event)).body.xproxy_result;
    expect(cost).toEqual({ currency: 'usd', input: { base: 0.002 }, output: { base: 0.006 }, total: { base: 0.008 } });
    expect([unknown, id]).toEqual([{ image: { output: 1 } }, created.body.resource_id]);
    expect((await call(`GET ${path}`)).body.items).toHaveLength(2);
    expect((await call(`GET ${path}/${id}`)).body).toMatchObject({ resource: 'r', active: true });
    expect((await call(`DELETE ${path}/${id}`)).status).toBe(200);
    expect((await call('DELETE /categories/mine')).body).toHaveLength(1);
    expect((await call(`GET ${path}`)).status).toBe(404);
  });

  test('faults can carry any header', async () => {
    const { call, standin } = await prepared();
    standin.faults.add({ status: 409, times: 1, headers: { 'retry-after-ms': '50', 'x-should-retry': 'true' } });
    const response = await fetch(`${standin.url}/api/v1/limits`, { headers: { 'xProxy-api-key': 'k' } });
    expect([response.status, response.headers.get('retry-after-ms'), response.headers.get('x-should-retry')]).toEqual([
      409,
      '50',
      'true',
    ]);
    expect((await call('GET /limits')).status).toBe(200);
  });
});
