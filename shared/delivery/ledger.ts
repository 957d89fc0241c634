import { MAX_CHANGES, type RowKey, type Stored, type Tables } from '../tables/table.ts';
import { inParallel } from './in-parallel.ts';
import type { Outgoing } from './outgoing.ts';

/** `waiting`: put off at least once. What was published and never tried has no row yet. */
export type LedgerState = 'ingested' | 'waiting' | 'deadLettered';

export interface LedgerEntry {
  outgoing: Outgoing;
  state: LedgerState;
  /** What the attempt came to, e.g. `accepted` or `transient status_503`. */
  outcome: string;
  requestId?: string | undefined;
  /** By Pay-i, nano-USD. */
  costNanoUsd?: bigint | undefined;
  atMs: number;
}

/** A row: whom the event counts for, what it used and cost (nano-USD), and what became of each attempt. */
export interface LedgerRow extends RowKey {
  kind: 'usage' | 'kpi';
  state: LedgerState;
  occurredAt: string;
  updatedAt: string;
  attempts: number;
  useCaseName: string;
  useCaseId: string;
  useCaseVersion?: number;
  useCaseStep?: string;
  userId?: string;
  accountName?: string;
  category?: string;
  resource?: string;
  /** JSON. */
  units?: string;
  outcome?: string;
  httpStatusCode?: number;
  endToEndLatencyMs?: number;
  estimatedCost?: bigint;
  pricedCost?: bigint;
  payiRequestId?: string;
  /** One column an attempt: when and what it came to. The latest hundred are kept. */
  [attempt: `attempt${number}`]: string;
}

/** The audit ledger: one row an event. */
export interface Ledger {
  /** Writes what is known now and keeps the rest. @throws TableError: then some are written */
  record(entries: LedgerEntry[]): Promise<void>;
  get(eventId: string): Promise<Stored<LedgerRow> | undefined>;
  /** Rows of events that were published on or after the day (UTC). */
  since(day: string, select?: (keyof LedgerRow)[]): AsyncIterable<Stored<LedgerRow>>;
  /** Deletes the rows of events that were published before the day. @returns how many */
  prune(beforeDay: string): Promise<number>;
}

const SHARDS = 4;
const KEPT_ATTEMPTS = 100;

export function createLedger(tables: Tables): Ledger {
  const table = tables.open<LedgerRow>('ledger');

  async function* range(from: string, before: string, select?: string[]) {
    for (let shard = 0; shard < SHARDS; shard++) {
      const where = `PartitionKey ge '${shard}-${from}' and PartitionKey lt '${shard}-${before}'`;
      yield* table.query({ where, ...(select && { select }) });
    }
  }

  return {
    async record(entries) {
      const rows = [...new Map(entries.map((entry) => [entry.outgoing.event.eventId, entry])).values()].map(rowOf);
      const partitions = new Map<string, LedgerRow[]>();
      for (const row of rows) {
        const part = partitions.get(row.partitionKey);
        if (part) part.push(row);
        else partitions.set(row.partitionKey, [row]);
      }
      const writes = [...partitions.values()].flatMap((part) =>
        Array.from({ length: Math.ceil(part.length / MAX_CHANGES) }, (_, n) =>
          part.slice(n * MAX_CHANGES, (n + 1) * MAX_CHANGES),
        ),
      );
      await inParallel(writes, SHARDS, (write) => table.transact(write.map((row) => ({ kind: 'merge', row }))));
    },
    get: (eventId) => table.get(partitionOf(eventId), eventId),
    since: (day, select) => range(day, '9999', select && ['PartitionKey', 'RowKey', ...select]),
    async prune(beforeDay) {
      let removed = 0;
      for await (const { partitionKey, rowKey } of range('0000', beforeDay, ['PartitionKey', 'RowKey'])) {
        if (await table.remove({ partitionKey, rowKey })) removed += 1;
      }
      return removed;
    },
  };
}

/**
 * The minute in which the event came to be, read from its id (a UUID of version 7), so that the events of a batch share
 * partitions and a row is found by its id alone; spread over shards, which come first so that no one end of the key range
 * takes all writes.
 */
export function partitionOf(eventId: string): string {
  const shard = Number.parseInt(eventId.slice(-1), 16) % SHARDS;
  const isV7 = eventId[14] === '7';
  const ms = isV7 ? Number.parseInt(eventId.slice(0, 8) + eventId.slice(9, 13), 16) : 0;
  return `${shard}-${new Date(ms).toISOString().slice(0, 16)}`;
}

function rowOf({ outgoing, state, outcome, requestId, costNanoUsd, atMs }: LedgerEntry): LedgerRow {
  const { event, attempt } = outgoing;
  const { useCase } = event;
  const updatedAt = new Date(atMs).toISOString();
  return {
    partitionKey: partitionOf(event.eventId),
    rowKey: event.eventId,
    kind: event.kind,
    state,
    occurredAt: event.occurredAt,
    updatedAt,
    attempts: attempt + 1,
    useCaseName: useCase.name,
    useCaseId: useCase.id,
    ...(useCase.version !== undefined && { useCaseVersion: useCase.version }),
    ...(useCase.step !== undefined && { useCaseStep: useCase.step }),
    ...(event.kind === 'usage' && {
      ...(event.userId !== undefined && { userId: event.userId }),
      ...(event.accountName !== undefined && { accountName: event.accountName }),
      category: event.category,
      resource: event.resource,
      units: JSON.stringify(event.units),
      outcome: event.outcome,
      httpStatusCode: event.httpStatusCode,
      endToEndLatencyMs: event.endToEndLatencyMs,
      ...(event.estimatedCost !== null && { estimatedCost: BigInt(event.estimatedCost) }),
    }),
    ...(costNanoUsd !== undefined && { pricedCost: costNanoUsd }),
    ...(requestId !== undefined && { payiRequestId: requestId }),
    [`attempt${attempt % KEPT_ATTEMPTS}`]: `${updatedAt} ${outcome}`,
  } as LedgerRow;
}
