import { odata, type TableClient } from '@azure/data-tables';
import type { Clock } from '../util/clock.ts';
import { answerOf, isRowAbsent, RowExistsError, TableBusyError, TableUncertainError, toTableError } from './errors.ts';
import { fromEntity, toEntity } from './row.ts';
import type { Change, Query, RowKey, Stored, Table } from './table.ts';
import { submitTransaction } from './transaction.ts';

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 50;

/** What no key of a row can have ("Understanding the Table service data model"). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are among them.
const forbidden = /[\u0000-\u001f\u007f-\u009f/\\#?]/;

/** A table over the official client. */
export class AzureTable<R extends RowKey> implements Table<R> {
  readonly #client: TableClient;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #request: { requestOptions: { timeout: number } };
  #created: Promise<void> | undefined;

  constructor(client: TableClient, timeoutMs: number, clock: Clock, random: () => number) {
    this.#client = client;
    this.#clock = clock;
    this.#random = random;
    this.#request = { requestOptions: { timeout: timeoutMs } };
  }

  async get(partitionKey: string, rowKey: string): Promise<Stored<R> | undefined> {
    // A caller may name a row that can't be there; the service would refuse the request, and the caller would be told to try again.
    if (forbidden.test(partitionKey) || forbidden.test(rowKey)) return undefined;
    return this.#run('repeatable', async () => {
      try {
        return fromEntity<R>(await this.#client.getEntity(partitionKey, rowKey, this.#request));
      } catch (error) {
        if (isRowAbsent(error)) return undefined;
        throw error;
      }
    });
  }

  insert(row: R): Promise<string> {
    return this.#run('once', async () => (await this.#client.createEntity(toEntity(row), this.#request)).etag ?? '');
  }

  async insertIfAbsent(row: R): Promise<boolean> {
    try {
      await this.insert(row);
      return true;
    } catch (error) {
      if (error instanceof RowExistsError) return false;
      throw error;
    }
  }

  upsert(row: R): Promise<string> {
    return this.#run('repeatable', async () => {
      return (await this.#client.upsertEntity(toEntity(row), 'Replace', this.#request)).etag ?? '';
    });
  }

  merge(row: RowKey & Partial<R>): Promise<string> {
    return this.#run('repeatable', async () => {
      return (await this.#client.upsertEntity(toEntity(row), 'Merge', this.#request)).etag ?? '';
    });
  }

  replace(row: R, etag: string): Promise<string> {
    return this.#run('once', async () => {
      return (await this.#client.updateEntity(toEntity(row), 'Replace', { ...this.#request, etag })).etag ?? '';
    });
  }

  remove({ partitionKey, rowKey }: RowKey, etag = '*'): Promise<boolean> {
    return this.#run('repeatable', async () => {
      try {
        await this.#client.deleteEntity(partitionKey, rowKey, { ...this.#request, etag });
        return true;
      } catch (error) {
        if (isRowAbsent(error)) return false;
        throw error;
      }
    });
  }

  async transact(changes: Change<R>[]): Promise<string[]> {
    if (changes.length === 0) return [];
    return this.#run(changes.every(isRepeatable) ? 'repeatable' : 'once', async () => {
      return submitTransaction(this.#client, changes, this.#request.requestOptions.timeout);
    });
  }

  async *query(query: Query = {}): AsyncIterable<Stored<R>> {
    const filter = toFilter(query);
    const queryOptions = { ...(filter && { filter }), ...(query.select && { select: query.select }) };
    const entities = this.#client.listEntities<Record<string, unknown>>({ ...this.#request, queryOptions });
    let continuationToken: string | undefined;
    do {
      // Each request by an iterator of its own: one that has thrown ends, so asking it again would look like the end.
      const settings = continuationToken === undefined ? {} : { continuationToken };
      const { value: page } = await this.#run('repeatable', () => entities.byPage(settings).next());
      for (const entity of page ?? []) yield fromEntity<R>(entity);
      continuationToken = page?.continuationToken;
    } while (continuationToken !== undefined);
  }

  /** Runs a request, after the table was made, and repeats it where that can do no harm. */
  async #run<T>(kind: 'repeatable' | 'once', request: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#create();
        return await request();
      } catch (cause) {
        const error = toTableError(this.#client.tableName, cause);
        const harmless =
          error instanceof TableBusyError || (kind === 'repeatable' && error instanceof TableUncertainError);
        if (!harmless || attempt === ATTEMPTS) throw error;
        const pauseMs = FIRST_PAUSE_MS * 2 ** attempt * (0.5 + this.#random() / 2);
        await this.#clock.sleep(Math.min((answerOf(cause).retryAfterSeconds ?? 0) * 1_000 || pauseMs, 2_000));
      }
    }
  }

  #create(): Promise<void> {
    this.#created ??= this.#client.createTable(this.#request).catch((error: unknown) => {
      this.#created = undefined;
      // Two processes may create it at once; the one that comes second meets this.
      if (answerOf(error).code !== 'TableAlreadyExists') throw error;
    });
    return this.#created;
  }
}

/** Done twice it leaves what it leaves when done once. A delete does not: the second finds no row, and the whole fails. */
const isRepeatable = ({ kind }: Pick<Change<RowKey>, 'kind'>): boolean => kind === 'upsert' || kind === 'merge';

function toFilter({ partitionKey, from, before, where }: Query): string {
  const parts = [
    partitionKey !== undefined && odata`PartitionKey eq ${partitionKey}`,
    from !== undefined && odata`RowKey ge ${from}`,
    before !== undefined && odata`RowKey lt ${before}`,
    where !== undefined && `(${where})`,
  ];
  return parts.filter(Boolean).join(' and ');
}
