import { TableClient, TableServiceClient } from '@azure/data-tables';

const local = { allowInsecureConnection: true };

/** Every row of every table of a storage account, each as a line of JSON. */
export async function dumpTables(connectionString: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const { name } of TableServiceClient.fromConnectionString(connectionString, local).listTables()) {
    if (name === undefined) continue;
    const rows = TableClient.fromConnectionString(connectionString, name, local).listEntities();
    for await (const row of rows) lines.push(`${name} ${JSON.stringify(row, bigintText)}`);
  }
  return lines;
}

const bigintText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
