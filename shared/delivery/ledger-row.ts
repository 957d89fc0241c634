import type { RowKey } from '../tables/table.ts';
import type { Outgoing } from './outgoing.ts';

/** `waiting`: put off at least once. What was published and never tried has no row yet. */
export type LedgerState = 'ingested' | 'waiting' | 'deadLettered';

export interface LedgerEntry {
  outgoing: Outgoing;
  /** It was delivered or tried before. */
  tried: boolean;
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

export const SHARDS = 4;
const SHARD_MS = 4_000;
const KEPT_ATTEMPTS = 100;

/**
 * The minute in which the event came to be, read from its id (a UUID of version 7), so that a row is found by its id
 * alone; spread over shards, which come first so that no one end of the key range takes all writes. Events of the same
 * four seconds share a shard: mostly all of a batch.
 */
export function partitionOf(eventId: string): string {
  const isV7 = eventId[14] === '7';
  const ms = isV7 ? Number.parseInt(eventId.slice(0, 8) + eventId.slice(9, 13), 16) : 0;
  return `${Math.floor(ms / SHARD_MS) % SHARDS}-${new Date(ms).toISOString().slice(0, 16)}`;
}

/** The day (UTC) of a partition's events. */
export const dayOfPartition = (partitionKey: string): string => partitionKey.slice(2, 12);

export function rowOf({ outgoing, state, outcome, requestId, costNanoUsd, atMs }: LedgerEntry): LedgerRow {
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
