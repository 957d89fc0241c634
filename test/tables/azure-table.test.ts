import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalTables, startTables } from '../../infra/local/tables/src/tables.ts';
import { RowChangedError, RowExistsError, TableMissingError, TableUncertainError } from '../../shared/tables/errors.ts';
import { openTables } from '../../shared/tables/open.ts';
import type { RowKey, Value } from '../../shared/tables/table.ts';
import { submitTransaction } from '../../shared/tables/transaction.ts';
import { startTableProxy, type TableProxy } from '../faults/table-proxy.ts';

type AnyRow = RowKey & Record<string, Value | undefined>;

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

test.each(['a/b', 'a\\b', '#', 'what?', 'tab\t', '\u0085'])('no row has the key %j', async (key) => {
  const table = openTables({ connection: azurite.connectionString, prefix: 'keys' }).open('rows');
  expect(await table.get('all', key)).toBeUndefined();
  expect(await table.get(key, 'a')).toBeUndefined();
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

test('a transaction writes any key and column as a single request does', async () => {
  const table = openTables({ connection: azurite.connectionString, prefix: 'alike' }).open<AnyRow>('rows');
  const key = { partitionKey: "d'or %41 +é&", rowKey: "l'été 100% +&" };
  const columns = {
    int64: 12_345_678_901_234n,
    date: new Date(5),
    double: 1.5,
    large: 2 ** 40,
    int32: -3,
    flag: true,
    text: 'a"\r\n--changeset_trailmeter--\r\n{"code":"x"} ü😀',
    absent: undefined,
  };
  await table.upsert({ ...key, rowKey: 'single', ...columns });
  const [etag] = await table.transact([{ kind: 'insert', row: { ...key, ...columns } }]);
  const single = await table.get(key.partitionKey, 'single');
  const inserted = await table.get(key.partitionKey, key.rowKey);
  expect(inserted).toEqual({ ...single, rowKey: key.rowKey, etag });
  const [merged, replaced, deleted] = await table.transact([
    { kind: 'merge', row: { ...key, int32: 4 } },
    { kind: 'upsert', row: { ...key, rowKey: 'other', text: 'other' } },
    { kind: 'delete', key: { ...key, rowKey: 'single' } },
  ]);
  expect([merged, replaced].every((text) => text?.startsWith('W/"'))).toBe(true);
  expect(deleted).toBe('');
  expect(await table.get(key.partitionKey, key.rowKey)).toEqual({ ...inserted, int32: 4, etag: merged });
  expect(await table.get(key.partitionKey, 'single')).toBeUndefined();
});

test.each([
  ['an insert of a row that is there', (row: AnyRow) => ({ kind: 'insert', row }) as const, RowExistsError],
  ['a row that was changed', (row: AnyRow, etag: string) => ({ kind: 'replace', row, etag }) as const, RowChangedError],
  [
    'a row that is gone',
    (row: AnyRow) => ({ kind: 'delete', key: { ...row, rowKey: 'gone' } }) as const,
    RowChangedError,
  ],
])('%s fails the transaction as a whole', async (_name, change, error) => {
  const table = openTables({ connection: azurite.connectionString, prefix: 'whole' }).open<AnyRow>('rows');
  const row = { partitionKey: 'all', rowKey: 'there' };
  const etag = await table.upsert(row);
  await table.upsert({ ...row, text: 'changed' });
  const other = { kind: 'upsert', row: { partitionKey: 'all', rowKey: 'other' } } as const;
  await expect(table.transact([other, change(row, etag)])).rejects.toBeInstanceOf(error);
  expect(await table.get('all', 'other')).toBeUndefined();
});

test('a transaction that gets no answer ends after its time', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  silent.on('connection', (socket) => socket.on('data', () => undefined));
  const address = `TableEndpoint=http://127.0.0.1:${port}/devstoreaccount1`;
  const connection = azurite.connectionString.replace(/TableEndpoint=[^;]+/, address);
  const client = TableClient.fromConnectionString(connection, 'silent', { allowInsecureConnection: true });
  const change = { kind: 'upsert', row: { partitionKey: 'all', rowKey: 'a' } } as const;
  await expect(submitTransaction(client, [change], 50)).rejects.toMatchObject({ name: 'AbortError' });
  silent.close();
});
