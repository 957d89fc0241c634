import { odata } from '@azure/data-tables';
import type { TrackedEvent } from '../events/usage-event.ts';
import type { PayiClient } from '../payi/client.ts';
import { type KpiPut, kpiPuts } from '../payi/kpi-puts.ts';
import { PayiError } from '../payi/transport/error.ts';
import { RowChangedError, RowExistsError } from '../tables/errors.ts';
import { type RowKey, type Table, type Tables, tableKey } from '../tables/table.ts';
import { inParallel } from '../util/in-parallel.ts';
import { classifyError, type IngestResult } from './ingest-result.ts';

/** Records the KPIs of events. The last write wins per instance and KPI, by `occurredAt`, in whatever order they come (D5). */
export interface KpiScores {
  /** The verdict on all KPIs of an event together. @throws TableError */
  record(event: TrackedEvent): Promise<IngestResult>;
  /** Forgets the order of scores that are older (ms, UTC). @returns how many rows */
  prune(beforeMs: number): Promise<number>;
}

/** The newest score that anyone has set out to record. */
interface Row extends RowKey {
  occurredAt: string;
  eventId: string;
  /** JSON: a number or a boolean. */
  score: string;
}

const PAGE = 1_000;
const REMOVED_AT_ONCE = 8;

export function createKpiScores(tables: Tables, payi: Pick<PayiClient, 'kpis'>): KpiScores {
  const table = tables.open<Row>('kpiscores');

  async function put({ useCaseName, useCaseId, kpiName, score }: KpiPut, event: TrackedEvent): Promise<void> {
    const mine: Row = {
      partitionKey: tableKey(useCaseId),
      rowKey: tableKey(`${useCaseName}:${kpiName}`),
      occurredAt: event.occurredAt,
      eventId: event.eventId,
      score: JSON.stringify(score),
    };
    // The newest is put also where it is another event's: an earlier attempt at ours may have overwritten it and died.
    let newest = await claim(table, mine);
    for (;;) {
      try {
        await payi.kpis.score(useCaseName, useCaseId, kpiName, JSON.parse(newest.score) as number | boolean);
      } catch (error) {
        const isOthers = newest.eventId !== mine.eventId;
        // Then its own event says why.
        if (isOthers && error instanceof PayiError && error.kind === 'rejected') return;
        throw error;
      }
      // Another process may have put a newer score just before ours overwrote it: then it is put again.
      const known = await table.get(mine.partitionKey, mine.rowKey);
      if (known === undefined || !isNewer(known, newest)) return;
      newest = known;
    }
  }

  return {
    async record(event) {
      let verdict: IngestResult = { kind: 'accepted' };
      for (const one of kpiPuts(event)) {
        try {
          await put(one, event);
        } catch (error) {
          if (!(error instanceof PayiError)) throw error;
          const failed = classifyError(error);
          if (verdict.kind === 'accepted' || failed.kind !== 'permanent') verdict = failed;
        }
      }
      return verdict;
    },
    async prune(beforeMs) {
      const where = odata`occurredAt lt ${new Date(beforeMs).toISOString()}`;
      let removed = 0;
      const remove = async (keys: RowKey[]) => {
        await inParallel(keys, REMOVED_AT_ONCE, (key) => table.remove(key));
        removed += keys.length;
      };
      const keys: RowKey[] = [];
      for await (const { partitionKey, rowKey } of table.query({ where, select: ['PartitionKey', 'RowKey'] })) {
        keys.push({ partitionKey, rowKey });
        if (keys.length === PAGE) await remove(keys.splice(0));
      }
      await remove(keys);
      return removed;
    },
  };
}

/** Writes the score down unless a newer one is known. @returns the newer of the two */
async function claim(table: Table<Row>, mine: Row): Promise<Row> {
  for (;;) {
    const known = await table.get(mine.partitionKey, mine.rowKey);
    if (known && isNewer(known, mine)) return known;
    try {
      if (known) await table.replace(mine, known.etag);
      else await table.insert(mine);
      return mine;
    } catch (error) {
      if (!(error instanceof RowChangedError || error instanceof RowExistsError)) throw error;
    }
  }
}

const isNewer = (one: Row, other: Row): boolean =>
  one.occurredAt === other.occurredAt
    ? one.eventId > other.eventId
    : Date.parse(one.occurredAt) >= Date.parse(other.occurredAt);
