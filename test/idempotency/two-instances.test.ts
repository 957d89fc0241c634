import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalTables, startTables } from '../../infra/local/tables/src/tables.ts';
import { createKeyedRuns } from '../../shared/idempotency/keyed-runs.ts';
import { createSeal } from '../../shared/seal/seal.ts';
import { openTables } from '../../shared/tables/open.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { inParallel } from '../../shared/util/in-parallel.ts';
import { envelope, startTestApp, type TestApp } from '../support/app.ts';
import { noting } from '../support/events.ts';

const KEYS = 500;

let azurite: LocalTables;
let instances: TestApp[];
beforeAll(async () => {
  azurite = await startTables();
  const seal = createSeal(Buffer.alloc(32, 3).toString('base64'));
  const keyedRuns = () =>
    createKeyedRuns({
      tables: openTables({ connection: azurite.connectionString, prefix: 'once' }),
      ...{ seal, deadlineMs: 200_000, clock: systemClock, telemetry: noting() },
    });
  instances = [await startTestApp({}, { keyedRuns: keyedRuns() }), await startTestApp({}, { keyedRuns: keyedRuns() })];
});
afterAll(async () => {
  for (const instance of instances) await instance.close();
  await azurite.close();
});

test('the same key at two instances at once: one call of a model each time, and the same answer', async () => {
  const json = { location: 'Moab' };
  const turns = Array.from({ length: KEYS }, (_, turn) => turn);
  const same = await inParallel(turns, 8, async (turn) => {
    const headers = { 'idempotency-key': `key-${turn}` };
    const answers = await Promise.all(instances.map((one) => one.call('search-trails', { json, headers })));
    const [first, second] = await Promise.all(answers.map(envelope));
    return first?.success === true && first.data.metrics.use_case_id === second?.data.metrics.use_case_id;
  });
  expect(same).toEqual(turns.map(() => true));
  expect(instances.flatMap(({ model }) => model.calls())).toHaveLength(KEYS);
  expect(instances.flatMap(({ usage }) => usage)).toHaveLength(KEYS);
});
