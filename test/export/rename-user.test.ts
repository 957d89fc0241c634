import { expect, test } from 'vitest';
import { exportHour } from '../../shared/export/export-hour.ts';
import { createParquetFile, rowsOfParquet } from '../../shared/export/parquet.ts';
import { renameUserInFiles } from '../../shared/export/rename-user.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { renameUserInLedger } from '../../shared/ledger/rename-user.ts';
import { hourOf, hoursBetween } from '../../shared/usage/spans.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { random, randomTraffic, trafficProperties } from '../usage/random-traffic.ts';
import { MemoryStore } from './memory-store.ts';
import { columnOf, readFiles, sumsBy } from './read-files.ts';

const HOUR = 3_600_000;
const begin = Date.parse('2026-11-21T22:00:00Z');
const HOURS = 5;
const hours = hoursBetween(hourOf(begin), hourOf(begin + HOURS * HOUR));

async function filled() {
  const tables = new MemoryTables();
  const ledger = createLedger(tables, trafficProperties);
  const store = new MemoryStore();
  const files = { store, createParquetFile, rowsOfParquet };
  const traffic = randomTraffic(random(3), begin, HOURS, 200);
  const write = async () => {
    for (const hour of hours) await exportHour({ ...files, ledger, isOver: () => false }, hour);
  };
  const record = (isFirst: boolean) =>
    ledger.record(traffic.filter(({ entry }) => entry.tried !== isFirst).map(({ entry }) => entry));
  return { tables, ledger, store, files, write, record };
}

const renameOf = (userId: string) => ({ userId, name: 'deleted-user', beforeMs: begin + HOURS * HOUR });

test('two deletions at once, and kills, leave all sums and no name', async () => {
  const next = random(9);
  const { tables, store, files, write, record } = await filled();
  await record(true);
  await write();
  const before = await readFiles(store);
  const others = Object.entries(columnOf).filter(([dimension]) => dimension !== 'user');
  const all = (rows: typeof before) => others.map(([, column]) => sumsBy(rows, column));
  let writes = 0;
  store.fate = () => {
    writes += 1;
    return next() < 0.25 ? (next() < 0.5 ? 'unsent' : 'lost') : 'answered';
  };
  const places = new Map([
    ['u3', ''],
    ['u4', ''],
  ]);
  let kills = 0;
  while (places.size > 0) {
    await Promise.all(
      [...places].map(async ([userId, from]) => {
        try {
          let looks = 0;
          const swept = await renameUserInFiles(files, renameOf(userId), { from, isOver: () => looks++ > 1 });
          if (swept.next === undefined) places.delete(userId);
          else places.set(userId, swept.next);
        } catch {
          kills += 1;
        }
      }),
    );
  }
  expect([writes > 10, kills > 2]).toEqual([true, true]);
  store.fate = () => 'answered';
  for (const userId of ['u3', 'u4'])
    await renameUserInFiles(files, renameOf(userId), { from: '', isOver: () => false });
  const after = await readFiles(store);
  expect(all(after)).toEqual(all(before));
  const users = sumsBy(after, 'user_id');
  expect(users['u3']).toBeUndefined();
  expect(users['deleted-user']?.x_Requests).toBe(
    (sumsBy(before, 'user_id')['u3']?.x_Requests ?? 0n) + (sumsBy(before, 'user_id')['u4']?.x_Requests ?? 0n),
  );
  expect(after.some((row) => row['user_id'] === 'u3' || row['user_id'] === 'u4')).toBe(false);

  // The ledger has the same names, so that nothing is left to write; late prices take back the rows with the new name.
  for (const userId of ['u3', 'u4'])
    await renameUserInLedger(tables, renameOf(userId), { from: '', isOver: () => false });
  const names = [...store.files.keys()];
  await write();
  expect([...store.files.keys()]).toEqual(names);
});

test('only files that have the user are replaced, under a name that never had another content', async () => {
  const { store, files, write, record } = await filled();
  await record(true);
  await write();
  await record(false);
  await write();
  const before = new Map(store.files);
  const { changed, next } = await renameUserInFiles(files, renameOf('u3'), { from: '', isOver: () => false });
  expect(next).toBeUndefined();
  const made = [...store.files.keys()].filter((name) => !before.has(name));
  expect(made.length).toBe(changed);
  expect(changed).toBeGreaterThan(3);
  for (const name of made) {
    expect(name).toMatch(/part-000\d\.1\.parquet$/);
    expect(store.files.has(name.replace('.1.parquet', '.parquet'))).toBe(false);
  }
  for (const [name, bytes] of store.files) expect(before.get(name) ?? bytes).toBe(bytes);
  const again = await renameUserInFiles(files, renameOf('u3'), { from: '', isOver: () => false });
  expect(again.changed).toBe(0);
});
