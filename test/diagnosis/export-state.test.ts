import { expect, test } from 'vitest';
import { checkExport } from '../../shared/diagnosis/export-state.ts';
import { createParquetFile, rowsOfParquet } from '../../shared/export/parquet.ts';
import { createUsageExport } from '../../shared/export/usage-export.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { MemoryStore } from '../export/memory-store.ts';
import { noting } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

const HOUR = 3_600_000;
const nowMs = Date.parse('2026-11-23T10:30:00Z');

test('the export: off, not begun, up to date, standing still, and a storage that fails', async () => {
  const tables = new MemoryTables();
  const store = new MemoryStore();
  const files = async () => ({ store, createParquetFile, rowsOfParquet });
  expect(await checkExport(tables, undefined, nowMs)).toMatchObject({
    ok: true,
    found: expect.stringContaining('off'),
  });
  expect(await checkExport(tables, files, nowMs)).toMatchObject({
    ok: true,
    found: expect.stringContaining('no hour'),
  });
  const clock = { now: () => nowMs, sleep: async () => undefined };
  const telemetry = noting();
  const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90, marksFor: 'late-export' });
  await createUsageExport({ tables, ledger: createLedger(tables), marks, files, clock, telemetry }).run();
  expect(await checkExport(tables, files, nowMs + HOUR)).toMatchObject({ ok: true });
  expect(await checkExport(tables, files, nowMs + 7 * HOUR)).toEqual({
    ok: false,
    found: 'Hours from 2026-11-23T10 (UTC) on are not in files, 7 of them.',
    mend: expect.stringContaining('usage-export'),
  });
  const failing = () => Promise.reject(new Error('no such account'));
  await expect(checkExport(tables, failing, nowMs)).rejects.toThrow('no such account');
});
