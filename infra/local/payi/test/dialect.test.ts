import { describe, expect, test } from 'vitest';
import { start } from './start.ts';

const bearer = { 'xProxy-api-key': '', authorization: 'Bearer key' };
const single = {
  category: 'system.anthropic',
  resource: 'claude-sonnet-4-20250514',
  units: { text: { input: 1000, output: 100 } },
};

/** The guide's spelling, and how the live API refuses it. */
const spellings: [string, string, string, unknown, Record<string, string>, number][] = [
  ['bearer', 'GET', '/limits', undefined, bearer, 401],
  ['attribution in the body', 'POST', '/ingest', { ...single, use_case_name: 'a', user_id: 'u' }, {}, 400],
  ['request_properties', 'POST', '/ingest', { ...single, request_properties: { a: 'b' } }, {}, 400],
  ['use_case_name', 'POST', '/use_cases/definitions', { use_case_name: 'b', properties: { x: 'y' } }, {}, 400],
  ['value_type', 'POST', '/use_cases/definitions/a/kpis', { kpi_name: 'n', value_type: 'numeric' }, {}, 400],
  ['POST of a score', 'POST', '/use_cases/instances/a/i/kpis/k', { value: true }, {}, 405],
  ['PUT of a value', 'PUT', '/use_cases/instances/a/i/kpis/k', { value: true, timestamp: 'now' }, {}, 400],
  ['dollars as threshold', 'POST', '/limits', { limit_name: 'l', max: 10, threshold: 8 }, {}, 400],
];

describe.each(['live', 'guide'] as const)('%s dialect', (dialect) => {
  test.each(spellings)('%s', async (_, method, path, body, headers, refused) => {
    const { payi, raw } = await start({ dialect });
    await payi.definitions.create({ name: 'a', description: 'd' });
    await payi.kpis.create('a', { name: 'k', description: 'd', kpi_type: 'boolean', goal: 1 });
    await payi.ingest.single({ ...single, use_case_name: 'a', use_case_id: 'i' });
    const answer = await raw(method, `/api/v1${path}`, body, headers);
    if (dialect === 'live') expect(answer.status).toBe(refused);
    else expect([200, 201]).toContain(answer.status);
  });
});

describe('keys', () => {
  test.each([
    [{ 'xProxy-api-key': 'wrong' }, 401],
    [{ 'xProxy-api-key': '' }, 401],
    [{ 'xProxy-api-key': 'key' }, 200],
  ])('%j gives %d', async (headers, status) => {
    const { raw } = await start({ apiKey: 'key' });
    const answer = await raw('GET', '/api/v1/limits', undefined, headers);
    expect(answer.status).toBe(status);
    if (status === 401) expect(await answer.json()).toMatchObject({ xproxy_error: { code: 'invalid_api_key' } });
  });
});
