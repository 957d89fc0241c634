import { TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import { type AzureCredential, createAzureCredential } from '../util/azure/azure-credential.ts';
import { type Clock, systemClock } from '../util/clock.ts';
import { AzureTable } from './azure-table.ts';
import type { RowKey, Table, Tables } from './table.ts';

export interface TablesOptions {
  /** A connection string of the storage account; `UseDevelopmentStorage=true` is Azurite. */
  connection?: string | undefined;
  /** Or the endpoint, with managed identity, e.g. `https://myaccount.table.core.windows.net`. */
  endpoint?: string | undefined;
  /** Put before every table's name: letters and digits. */
  prefix: string;
  /** Most that one request may take, in ms. */
  timeoutMs?: number;
  clock?: Clock;
  /** Of [0, 1). */
  random?(): number;
}

/** Opens the tables of a storage account. No request is made before a table is used. */
export function openTables({
  connection,
  endpoint,
  prefix,
  timeoutMs = 5_000,
  clock = systemClock,
  random = Math.random,
}: TablesOptions): Tables {
  const credential = connection === undefined ? createAzureCredential() : undefined;
  const opened = new Map<string, Table<RowKey>>();
  return {
    open<R extends RowKey>(name: string) {
      const table =
        opened.get(name) ??
        new AzureTable(client(`${prefix}${name}`, { connection, endpoint, credential }), timeoutMs, clock, random);
      opened.set(name, table);
      return table as unknown as Table<R>;
    },
  };
}

/** The SDK repeats every failed request; we decide that by what the request was (see `Table`). */
const options = { retryOptions: { maxRetries: 0 } } satisfies TableServiceClientOptions;

interface Account {
  connection: string | undefined;
  endpoint: string | undefined;
  credential: AzureCredential | undefined;
}

function client(table: string, { connection, endpoint = '', credential }: Account): TableClient {
  if (connection === undefined) return new TableClient(endpoint, table, credential as AzureCredential, options);
  const insecure = /UseDevelopmentStorage=true|=http:\/\//i.test(connection);
  return TableClient.fromConnectionString(connection, table, { ...options, allowInsecureConnection: insecure });
}
