import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { decodeSettings } from '../../shared/config/decode.ts';
import { checkExport } from '../../shared/diagnosis/export-state.ts';
import { openExportFiles } from '../../shared/export/open-export-files.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { openTables } from '../../shared/tables/open.ts';
import { random, randomTraffic, trafficProperties } from '../usage/random-traffic.ts';
import { readFiles, sumsBy } from './read-files.ts';

const HOUR = 3_600_000;
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ settings: { EXPORT_CONTAINER: 'usage-export' }, log: () => undefined });
});
afterAll(() => stack?.close());

test('the built app writes what has ended to Azurite when its timer runs', async () => {
  const settings = decodeSettings(stack.settings);
  const tables = openTables({ connection: settings.TablesConnection, prefix: settings.TABLE_PREFIX });
  const begin = (Math.floor(Date.now() / HOUR) - 4) * HOUR;
  const traffic = randomTraffic(random(1), begin, 2, 50);
  await createLedger(tables, trafficProperties).record(traffic.map(({ entry }) => entry));
  const run = await fetch(`${stack.url}/admin/functions/usage-export`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  expect(run.status).toBe(202);
  const files = openExportFiles(settings);
  const { store } = (await files?.()) ?? {};
  if (!store) throw new Error('The export is off.');
  await vi.waitFor(async () => expect(await readFiles(store)).toHaveLength(50), { timeout: 60_000, interval: 200 });
  const [answer] = Object.values(sumsBy(await readFiles(store), 'BillingCurrency'));
  const usage = await fetch(`${stack.url}/api/usage`);
  const { data } = (await usage.json()) as { data: { rows: { requests: number; estimatedUsd: number }[] } };
  expect([answer?.x_Requests, answer?.BilledCost]).toEqual([
    BigInt(data.rows[0]?.requests ?? 0),
    BigInt(Math.round((data.rows[0]?.estimatedUsd ?? 0) * 1e9)),
  ]);
  expect(await checkExport(tables, files, Date.now())).toMatchObject({
    ok: true,
    found: expect.stringContaining('hours before'),
  });
});
