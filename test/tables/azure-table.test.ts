import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalTables, startTables } from '../../infra/local/tables/src/tables.ts';
import { TableMissingError, TableUncertainError } from '../../shared/tables/errors.ts';
import { openTables } from '../../shared/tables/open.ts';
import { startTableProxy, type TableProxy } from '../faults/table-proxy.ts';

let azurite: LocalTables;
let proxy: TableProxy;
/** Every second request meets the fault. */
let turn = 0;
beforeAll(async () => {
  azurite = await startTables();
  proxy = await startTableProxy(azurite.connectionString, () => turn++ % 2);
});
afterAll(async () => {
  await proxy.close();
  await azurite.close();
});

test.each(['throttle', 'error', 'drop'] as const)(
  'a query whose requests meet "%s" gives every row once',
  async (kind) => {
    const table = openTables({ connection: proxy.connectionString, prefix: kind }).open('rows');
    const keys = Array.from({ length: 1_100 }, (_, n) => String(n).padStart(4, '0'));
    // More than one page: the service gives 1,000 rows at a time.
    for (let first = 0; first < keys.length; first += 100) {
      const rows = keys.slice(first, first + 100).map((rowKey) => ({ partitionKey: 'all', rowKey }));
      await table.transact(rows.map((row) => ({ kind: 'insert', row })));
    }
    turn = 0;
    const failed = proxy.failed;
    proxy.fault = { kind, share: 0.5 };
    const found: string[] = [];
    try {
      for await (const { rowKey } of table.query({ partitionKey: 'all' })) found.push(rowKey);
    } finally {
      proxy.fault = undefined;
    }
    expect(proxy.failed - failed).toBe(2);
    expect(found).toEqual(keys);
  },
);

test('a transaction without an answer is repeated when doing it twice does no harm, and only then', async () => {
  const table = openTables({ connection: proxy.connectionString, prefix: 'twice' }).open('rows');
  const rows = ['a', 'b'].map((rowKey) => ({ partitionKey: 'all', rowKey }));
  await table.upsert({ partitionKey: 'all', rowKey: 'first' });
  turn = 0;
  proxy.fault = { kind: 'drop', share: 0.5 };
  try {
    await table.transact(rows.map((row) => ({ kind: 'upsert', row })));
    turn = 0;
    const [row] = rows as [(typeof rows)[0]];
    await expect(table.transact([{ kind: 'insert', row: { ...row, rowKey: 'c' } }])).rejects.toBeInstanceOf(
      TableUncertainError,
    );
  } finally {
    proxy.fault = undefined;
  }
  expect(await table.get('all', 'b')).toMatchObject({ rowKey: 'b' });
});

test('a table that was deleted while the app runs has no rows that are absent: every request says that it is gone', async () => {
  const table = openTables({ connection: azurite.connectionString, prefix: 'gone' }).open('rows');
  const row = { partitionKey: 'all', rowKey: 'a' };
  await table.upsert(row);
  await TableClient.fromConnectionString(azurite.connectionString, 'gonerows', {
    allowInsecureConnection: true,
  }).deleteTable();
  const all = async () => {
    for await (const found of table.query()) expect(found).toBeUndefined();
  };
  const requests = [
    () => table.get('all', 'a'),
    () => table.insert(row),
    () => table.upsert(row),
    () => table.remove(row),
    () => table.transact([{ kind: 'upsert', row }]),
    all,
  ];
  for (const request of requests) await expect(request()).rejects.toBeInstanceOf(TableMissingError);
});
