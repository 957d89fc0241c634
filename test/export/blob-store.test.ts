import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../infra/local/tables/src/azurite.ts';
import { openBlobStore } from '../../shared/export/blob-store.ts';
import { exportRowOf } from '../../shared/export/columns.ts';
import { ExportStoreError } from '../../shared/export/errors.ts';
import { openExportFiles } from '../../shared/export/open-export-files.ts';
import { createParquetFile } from '../../shared/export/parquet.ts';
import { createUsageExport } from '../../shared/export/usage-export.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { noting } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { random, randomTraffic, trafficProperties } from '../usage/random-traffic.ts';
import { readFiles } from './read-files.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite('blob');
});
afterAll(() => azurite.close());

const open = (connection: string, container: string) =>
  openBlobStore({ connection, container, failed: (cause) => new ExportStoreError(cause) });

const named = async (parts: AsyncIterable<{ name: string }>): Promise<string[]> => {
  const names: string[] = [];
  for await (const { name } of parts) names.push(name);
  return names;
};

test('a file is created once, whoever creates it; others are found by hour and from one on', async () => {
  const store = open(azurite.connectionString, 'once');
  const other = open(azurite.connectionString, 'once');
  const name = 'day=2026-11-23/hour=10/part-0000.parquet';
  const [one, two] = await Promise.all([store.create(name, Buffer.from('1')), other.create(name, Buffer.from('2'))]);
  expect([one, two].filter(Boolean)).toHaveLength(1);
  expect(Buffer.from((await store.read(name)) ?? '').toString()).toBe(one ? '1' : '2');
  const next = 'day=2026-11-23/hour=11/part-0000.parquet';
  await store.create(next, Buffer.from('3'));
  expect(await named(store.list())).toEqual([name, next]);
  expect(await named(store.list({ prefix: 'day=2026-11-23/hour=10/' }))).toEqual([name]);
  expect(await named(store.list({ from: next }))).toEqual([next]);
  await store.remove(name);
  await store.remove(name);
  expect(await store.read(name)).toBeUndefined();
});

test('a storage that does not answer is an error that says what to look at', async () => {
  const gone = azurite.connectionString.replace(/:\d+\//, ':1/');
  const store = open(gone, 'gone');
  await expect(store.read('a')).rejects.toMatchObject({
    code: 'export_store_failed',
    message: expect.stringContaining('ExportConnection'),
  });
});

test('with its settings the export writes what has ended; without them there is none', async () => {
  const tables = new MemoryTables();
  const begin = Date.parse('2026-11-23T10:00:00Z');
  const ledger = createLedger(tables, trafficProperties);
  const traffic = randomTraffic(random(1), begin, 2, 30);
  await ledger.record(traffic.map(({ entry }) => entry));
  const clock = { now: () => begin + 6 * 3_600_000, sleep: async () => undefined };
  const telemetry = noting();
  const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90, marksFor: 'late-export' });
  const settings = {
    EXPORT_CONTAINER: 'written',
    ExportConnection: azurite.connectionString,
    ExportConnection__blobServiceUri: undefined,
  };
  const files = openExportFiles(settings);
  const done = files && (await createUsageExport({ tables, ledger, marks, files, clock, telemetry }).run());
  expect(done).toEqual({ parts: 2, rows: 30, backlog: 0 });
  const { store } = (await files?.()) ?? {};
  expect(store && (await readFiles(store))).toHaveLength(30);
  expect(openExportFiles({ ...settings, EXPORT_CONTAINER: undefined })).toBeUndefined();
});

test('files are Parquet with types that others know', async () => {
  const [first] = randomTraffic(random(1), Date.parse('2026-11-23T10:00:00Z'), 1, 1);
  if (!first) throw new Error('There is no traffic.');
  const file = createParquetFile();
  file.add(exportRowOf(first.row, 0));
  const bytes = file.finish();
  const { schema } = parquetMetadata(bytes.slice().buffer);
  expect(schema.find(({ name }) => name === 'BilledCost')).toMatchObject({
    type: 'INT64',
    converted_type: 'DECIMAL',
    precision: 18,
    scale: 9,
  });
  expect(schema.find(({ name }) => name === 'ChargePeriodStart')?.converted_type).toBe('TIMESTAMP_MILLIS');
});
