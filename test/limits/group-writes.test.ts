import { expect, test } from 'vitest';
import { groupWrites } from '../../shared/limits/state/group-writes.ts';
import { type LimitRow, newState } from '../../shared/limits/state/limit-rows.ts';
import { RowExistsError, TableUncertainError } from '../../shared/tables/errors.ts';
import type { Change } from '../../shared/tables/table.ts';
import { type Fate, MemoryTables } from '../support/memory-tables.ts';

const insert = (key: string): Change<LimitRow> => ({
  kind: 'insert',
  row: { ...newState('each:always'), partitionKey: 'p', rowKey: key },
});

function setUp() {
  const tables = new MemoryTables();
  const table = groupWrites(tables.open<LimitRow>('limits'));
  const requests = () => tables.operations.get('transact') ?? 0;
  const keys = () =>
    tables
      .rows('limits')
      .map(({ rowKey }) => rowKey)
      .sort();
  return { tables, table, requests, keys };
}

test('writes of one partition that come together are one request, and each gets its own tags', async () => {
  const { tables, table, requests } = setUp();
  const tags = await Promise.all(['a', 'b', 'c'].map((key) => table.transact([insert(key)])));
  expect(requests()).toBe(1);
  const stored = new Map(tables.rows('limits').map(({ rowKey, etag }) => [rowKey, etag]));
  expect(tags).toEqual([[stored.get('a')], [stored.get('b')], [stored.get('c')]]);
});

test('one that is refused fails alone', async () => {
  const { table, requests, keys } = setUp();
  await table.transact([insert('taken')]);
  const written = await Promise.allSettled(
    ['a', 'b', 'taken', 'c', 'd'].map((key) => table.transact([insert(`${key}`)])),
  );
  expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(written[2]).toMatchObject({ reason: expect.any(RowExistsError) });
  expect(keys()).toEqual(['a', 'b', 'c', 'd', 'taken']);
  expect(requests()).toBeLessThanOrEqual(8);
});

test('a row is in one request once, and more than 100 changes are several', async () => {
  const { table, requests, keys } = setUp();
  const twice = await Promise.allSettled([table.transact([insert('a')]), table.transact([insert('a')])]);
  expect(twice.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  const before = requests();
  await Promise.all(Array.from({ length: 150 }, (_, at) => table.transact([insert(`row-${at}`)])));
  expect(requests() - before).toBe(2);
  expect(keys()).toHaveLength(151);
});

test('without an answer each of them is in doubt', async () => {
  const { tables, table } = setUp();
  tables.fate = (): Fate => 'lost';
  const written = await Promise.allSettled(['a', 'b'].map((key) => table.transact([insert(key)])));
  for (const one of written) expect(one).toMatchObject({ reason: expect.any(TableUncertainError) });
});
