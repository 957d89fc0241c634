import fc from 'fast-check';
import { expect, test } from 'vitest';
import { item, start } from './start.ts';

const paths = [
  '/ingest',
  '/ingest/bulk',
  '/ingest/bulk-upsert',
  '/limits',
  '/limits/l',
  '/limits/l/properties',
  '/limits/l/reset',
  '/use_cases/definitions',
  '/use_cases/definitions/trail_finder',
  '/use_cases/definitions/trail_finder/increment_version',
  '/use_cases/definitions/trail_finder/limit_config',
  '/use_cases/definitions/trail_finder/kpis',
  '/use_cases/definitions/trail_finder/kpis/k',
  '/use_cases/instances/trail_finder',
  '/use_cases/instances/trail_finder/i',
  '/use_cases/instances/trail_finder/i/properties',
  '/use_cases/instances/trail_finder/i/kpis',
  '/use_cases/instances/trail_finder/i/kpis/k',
  '/requests/r/result',
  '/requests/r/properties',
  '/requests/provider/c/r/result',
  '/categories',
  '/categories/c/resources/r',
  '/categories/c/resources/r/1',
  '/%ff/%',
];

/** JSON that looks like ours in places, so that it comes past the first check. */
const body = fc.oneof(
  fc.json(),
  fc.string(),
  fc
    .record(
      {
        ...Object.fromEntries(Object.keys(item('m')).map((name) => [name, fc.jsonValue()])),
        limit_ids: fc.jsonValue(),
        name: fc.jsonValue(),
        max: fc.jsonValue(),
        score: fc.jsonValue(),
        properties: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify([value])),
);

test.each(['live', 'guide'] as const)('%s: any body on any path is answered, the process lives', async (dialect) => {
  const { raw, payi } = await start({ dialect });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('POST', 'PUT', 'DELETE', 'PATCH'),
      fc.constantFrom(...paths),
      body,
      async (method, path, text) => {
        const answer = await raw(method, `/api/v1${path}`, text);
        await answer.arrayBuffer();
        expect(answer.status).toBeLessThan(500);
      },
    ),
    { numRuns: 600, seed: 4 },
  );
  await expect(payi.ingest.single(item('after'))).resolves.toMatchObject({ request_id: expect.any(String) });
});

test.each(['0', 'x', '-1', '1e9'])('a page of %s items', async (limit) => {
  const { raw } = await start();
  expect((await raw('GET', `/api/v1/limits?limit=${limit}`)).status).toBe(limit === '1e9' ? 200 : 400);
  expect((await raw('GET', '/api/v1/limits?cursor=zzz')).status).toBe(400);
});
