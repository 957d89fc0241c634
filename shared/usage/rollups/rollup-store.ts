import { RowChangedError, RowExistsError } from '../../tables/errors.ts';
import type { Change, RowKey, Stored, Table, Tables } from '../../tables/table.ts';
import { fromColumns, type TextColumns, toColumns } from '../../tables/text-columns.ts';
import { transactionsOf } from '../../tables/transactions-of.ts';
import { uuidV7 } from '../../util/ids.ts';
import { inParallel } from '../../util/in-parallel.ts';
import type { InstancePart } from '../instance-part.ts';
import { type UsageGroup, type View, views } from '../usage-group.ts';
import { decodeInstances, encodeInstances } from './instance-page.ts';
import { decodePage, type EncodedPage, encodePages, type RollupPage } from './rollup-page.ts';

/** What there is of a span: the pages of one generation. Groups of later generations replace it as a whole. */
export interface RollupHead {
  span: string;
  generation: string;
  /** First user of each page. */
  pages: Record<View, string[]>;
  /** Use case of each page of instances; none of a day. */
  instancePages: string[];
  etag: string;
}

/** What a span is replaced by. */
export type SpanContent = Record<View, AsyncIterable<UsageGroup[]>> & { instances: Iterable<InstancePart> };

/** The rollups of all spans, and until when the ledger is in them. */
export interface RollupStore {
  /** Every hour before this one was folded; of those without a head the ledger had no calls. Undefined before the first fold. */
  foldedBefore(): Promise<string | undefined>;
  setFoldedBefore(hour: string): Promise<void>;
  head(span: string): Promise<RollupHead | undefined>;
  /** The heads of hours and days from one span on and before the other. */
  heads(from: string, before: string): Promise<Map<string, RollupHead>>;
  /**
   * Replaces what there is of a span: what the head says that was read before the groups were. A crash at any step leaves what there was.
   * @returns false when it was replaced since the head was read: then nothing has changed
   */
  replace(span: string, known: RollupHead | undefined, content: SpanContent, nowMs: number): Promise<boolean>;
  /** The groups of a page; undefined when its generation was replaced after the head was read. */
  page(head: RollupHead, view: View, page: number): Promise<UsageGroup[] | undefined>;
  /** The instances of a page; undefined as for `page`. */
  instances(head: RollupHead, page: number): Promise<InstancePart[] | undefined>;
  /** Deletes the spans before this one. @returns how many rows of the table */
  prune(before: string): Promise<number>;
}

/** The first users and the use cases of the pages as JSON. */
interface HeadRow extends RowKey, TextColumns {
  generation: string;
}
interface StateRow extends RowKey {
  foldedBefore: string;
}

const HEADS = 'head';
const stateKey = { partitionKey: 'state', rowKey: 'folded' };
const keys = ['PartitionKey', 'RowKey'];
const WIDTH = 8;

export function createRollupStore(tables: Tables): RollupStore {
  const heads = tables.open<HeadRow>('usage');
  const pages = heads as unknown as Table<RollupPage>;
  const states = heads as unknown as Table<StateRow>;
  /** The pages of a span, in a partition of their own. */
  const rowsOfSpan = async (span: string): Promise<RowKey[]> => {
    const rows: RowKey[] = [];
    for await (const { partitionKey, rowKey } of pages.query({ partitionKey: `page.${span}`, select: keys }))
      rows.push({ partitionKey, rowKey });
    return rows;
  };
  const removeRows = async (rows: RowKey[]): Promise<number> =>
    (await inParallel(rows, WIDTH, (row) => pages.remove(row))).filter(Boolean).length;

  return {
    foldedBefore: async () => (await states.get(stateKey.partitionKey, stateKey.rowKey))?.foldedBefore,
    setFoldedBefore: async (hour) => void (await states.upsert({ ...stateKey, foldedBefore: hour })),

    async head(span) {
      const row = await heads.get(HEADS, span);
      return row && headOf(row);
    },

    async heads(from, before) {
      const found = new Map<string, RollupHead>();
      for await (const row of heads.query({ partitionKey: HEADS, from, before })) found.set(row.rowKey, headOf(row));
      return found;
    },

    async replace(span, known, content, nowMs) {
      // Listed before the new pages are written: what others write meanwhile is left to the next fold.
      const old = await rowsOfSpan(span);
      const generation = uuidV7(nowMs);
      const first: Record<PageKind, string[]> = { users: [], all: [], instances: [] };
      const rows: RollupPage[] = [];
      const add = (kind: PageKind, { first: of, columns }: EncodedPage): void => {
        rows.push({ partitionKey: `page.${span}`, rowKey: pageKey(generation, kind, first[kind].length), ...columns });
        first[kind].push(of);
      };
      for (const view of views) for await (const page of encoded(content[view])) add(view, page);
      for (const page of encodeInstances(content.instances)) add('instances', page);
      const transactions = transactionsOf(rows).map((run) =>
        run.map((row): Change<RollupPage> => ({ kind: 'upsert', row })),
      );
      await inParallel(transactions, WIDTH, (changes) => pages.transact(changes));
      const head: HeadRow = { partitionKey: HEADS, rowKey: span, generation, ...toColumns(JSON.stringify(first)) };
      try {
        await (known ? heads.replace(head, known.etag) : heads.insert(head));
      } catch (error) {
        if (error instanceof RowChangedError || error instanceof RowExistsError) return false;
        throw error;
      }
      await removeRows(old);
      return true;
    },

    async page({ span, generation }, view, page) {
      const row = await pages.get(`page.${span}`, pageKey(generation, view, page));
      return row && decodePage(row);
    },

    async instances({ span, generation, instancePages }, page) {
      const row = await pages.get(`page.${span}`, pageKey(generation, 'instances', page));
      return row && decodeInstances(instancePages[page] ?? '', row);
    },

    async prune(before) {
      let removed = 0;
      for await (const { partitionKey, rowKey } of heads.query({ partitionKey: HEADS, before, select: keys })) {
        removed += await removeRows(await rowsOfSpan(rowKey));
        if (await heads.remove({ partitionKey, rowKey })) removed += 1;
      }
      return removed;
    },
  };
}

type PageKind = View | 'instances';

const pageKey = (generation: string, kind: PageKind, page: number): string =>
  `${generation}.${kind}.${String(page).padStart(6, '0')}`;

function headOf(row: Stored<HeadRow>): RollupHead {
  const { instances, ...pages } = JSON.parse(fromColumns(row)) as Record<PageKind, string[]>;
  return { span: row.rowKey, generation: row.generation, etag: row.etag, pages, instancePages: instances };
}

/** Full pages, whatever the sizes of the runs in which the groups come. */
async function* encoded(runs: AsyncIterable<UsageGroup[]>): AsyncIterable<EncodedPage> {
  let waiting: UsageGroup[] = [];
  for await (const run of runs) {
    waiting = waiting.concat(run);
    if (waiting.length < FULL) continue;
    yield* encodePages(waiting);
    waiting = [];
  }
  yield* encodePages(waiting);
}

/** Several pages at once, so that few of them are only half full. */
const FULL = 4_000;
