import { exportHour } from '../../../shared/export/export-hour.ts';
import { createParquetFile, rowsOfParquet } from '../../../shared/export/parquet.ts';
import { type LedgerRow, rowOf } from '../../../shared/ledger/ledger-row.ts';
import { MemoryStore } from '../../export/memory-store.ts';
import { randomEntry, seeded } from './random-row.ts';

const HOUR = '2026-11-23T01';
const begin = Date.parse(`${HOUR}:00:00Z`);
const HOUR_MS = 3_600_000;
/** One event in so many is changed when the hour is compared. */
const CHANGED = 1_000;
const LOOK_EVERY = 1_000;
/** Looks at the memory. */
let look = (): void => undefined;

/** An hour with so many events: written for the first time, then compared after a few of them were changed. The ledger is in memory. */
export async function measureExport({ events, users }: Record<'events' | 'users', number>) {
  const store = new MemoryStore();
  let isChanged = false;
  const ledger = {
    /** The same rows each time. */
    async *between(from: string, before: string): AsyncIterable<LedgerRow> {
      const first = placeOf(from);
      const end = placeOf(before);
      for (let n = first; n < end; n++) {
        if (n % LOOK_EVERY === 0) look();
        const row = rowOf(randomEntry(seeded(n), begin + Math.floor((n * HOUR_MS) / events), users));
        // A new id ends at random.
        row.rowKey = `${row.rowKey.slice(0, 14)}7000-8000-${String(n).padStart(12, '0')}`;
        yield isChanged && n % CHANGED === 0 ? { ...row, pricedCost: 1n } : row;
      }
    },
  };
  /** The number of the first event of a minute or an hour. */
  const placeOf = (time: string): number => Math.ceil(((Date.parse(`${time}:00Z`) - begin) * events) / HOUR_MS);
  const deps = { ledger, store, createParquetFile, rowsOfParquet, isOver: () => false };
  const written = await measured(() => exportHour(deps, HOUR));
  const bytes = [...store.files.values()].reduce((sum, file) => sum + file.length, 0);
  isChanged = true;
  const compared = await measured(() => exportHour(deps, HOUR));
  const perEvent = (value: number) => Math.round((value / events) * 10) / 10;
  return {
    events,
    files: written.result.parts,
    bytesPerEvent: perEvent(bytes),
    cpuMicrosPerEvent: perEvent(written.cpuMicros),
    heapMb: written.heapMb,
    comparedCpuMicrosPerEvent: perEvent(compared.cpuMicros),
    comparedRows: compared.result.rows,
    comparedHeapMb: compared.heapMb,
  };
}

/** CPU, and how far the heap and array buffers grew while it ran. */
async function measured<T>(work: () => Promise<T>) {
  globalThis.gc?.();
  const size = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = size();
  let most = before;
  look = () => {
    most = Math.max(most, size());
  };
  const start = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(start);
  return { result, cpuMicros: user + system, heapMb: Math.round((most - before) / 1e6) };
}
