import { TableClient } from '@azure/data-tables';
import { expect, it } from 'vitest';
import { startTables } from '../src/tables.ts';

it('serves tables until it is closed', async () => {
  const tables = await startTables();
  const client = TableClient.fromConnectionString(tables.connectionString, 'things', { allowInsecureConnection: true });
  await client.createTable();
  await client.createEntity({ partitionKey: 'p', rowKey: 'r', count: 5n });
  expect(await client.getEntity('p', 'r')).toMatchObject({ count: 5n });
  await tables.close();
  await expect(fetch(tables.url)).rejects.toThrow();
});
