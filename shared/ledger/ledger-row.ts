import type { QueuedEvent } from '../events/queued-event.ts';
import { fallbackResponseId, type UsageEvent } from '../events/usage-event.ts';
import { modifiersIn } from '../pricing/modifier-property.ts';
import type { RowKey } from '../tables/table.ts';

/** `waiting`: put off at least once. What was published and never tried has no row yet. */
export type LedgerState = 'ingested' | 'waiting' | 'deadLettered';

export interface LedgerEntry {
  outgoing: QueuedEvent;
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

/** A row: whom the event counts for, what it used and cost (nano-USD), and what became of each attempt. Columns that are undefined are not written. */
export interface LedgerRow extends RowKey {
  kind: 'usage' | 'kpi';
  state: LedgerState;
  occurredAt: string;
  updatedAt: string;
  attempts: number;
  useCaseName: string;
  useCaseId: string;
  useCaseVersion?: number | undefined;
  useCaseStep?: string | undefined;
  userId?: string | undefined;
  accountName?: string | undefined;
  keyName?: string | undefined;
  category?: string | undefined;
  resource?: string | undefined;
  /** JSON. */
  units?: string | undefined;
  outcome?: string | undefined;
  httpStatusCode?: number | undefined;
  endToEndLatencyMs?: number | undefined;
  timeToFirstTokenMs?: number | undefined;
  estimatedCost?: bigint | undefined;
  pricedCost?: bigint | undefined;
  payiRequestId?: string | undefined;
  /** By which the provider and Pay-i know the call; '' for the one that is made of the event's id. */
  providerResponseId?: string | undefined;
  /** What changed the price besides the units, comma-separated: `fast,us`. */
  modifiers?: string | undefined;
  /** The provider's totals never came: the units are our own estimate. */
  unitsEstimated?: true | undefined;
  /** JSON: those properties of the event that usage is grouped by, in the order of their names. */
  properties?: string | undefined;
  /** JSON: the scores of the event. */
  kpis?: string | undefined;
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
  const slot = Math.floor(ms / SHARD_MS);
  if (slot !== latest.slot) {
    latest = { slot, partition: `${slot % SHARDS}-${new Date(slot * SHARD_MS).toISOString().slice(0, 16)}` };
  }
  return latest.partition;
}

/** Four seconds are of one minute, and a batch mostly asks for the same ones. */
let latest = { slot: -1, partition: '' };

/** The minute (UTC, `2026-11-23T10:05`) of a partition's events. */
export const minuteOfPartition = (partitionKey: string): string => partitionKey.slice(2);

/** The hour (UTC, `2026-11-23T10`) of a partition's events. */
export const hourOfPartition = (partitionKey: string): string => partitionKey.slice(2, 15);

/** The day (UTC) of a partition's events. */
export const dayOfPartition = (partitionKey: string): string => partitionKey.slice(2, 12);

/** Longer values are cut. */
const MAX_PROPERTY = 100;

/** @param propertyNames of the properties that the row keeps, in order */
export function rowOf(
  { outgoing, state, outcome, requestId, costNanoUsd, atMs }: LedgerEntry,
  propertyNames: readonly string[] = [],
): LedgerRow {
  const { event, attempt } = outgoing;
  const { useCase } = event;
  const usage = event.kind === 'usage' ? event : undefined;
  const updatedAt = isoOf(atMs);
  const row: LedgerRow = {
    partitionKey: partitionOf(event.eventId),
    rowKey: event.eventId,
    kind: event.kind,
    state,
    occurredAt: event.occurredAt,
    updatedAt,
    attempts: attempt + 1,
    useCaseName: useCase.name,
    useCaseId: useCase.id,
    useCaseVersion: useCase.version,
    useCaseStep: useCase.step,
    userId: usage?.userId,
    accountName: usage?.accountName,
    keyName: usage?.keyName,
    category: usage?.category,
    resource: usage?.resource,
    units: usage && JSON.stringify(usage.units),
    outcome: usage?.outcome,
    httpStatusCode: usage?.httpStatusCode,
    endToEndLatencyMs: usage?.endToEndLatencyMs,
    timeToFirstTokenMs: usage?.timeToFirstTokenMs,
    estimatedCost: usage && usage.estimatedCost !== null ? BigInt(usage.estimatedCost) : undefined,
    pricedCost: costNanoUsd,
    payiRequestId: requestId,
    providerResponseId: usage && responseIdColumn(usage),
    modifiers: (usage && modifiersIn(usage.requestProperties).join(',')) || undefined,
    unitsEstimated: usage?.unitsEstimated ? true : undefined,
    properties: usage && propertiesOf(usage, propertyNames),
    kpis: event.kpis.length > 0 ? JSON.stringify(event.kpis) : undefined,
  };
  row[`attempt${attempt % KEPT_ATTEMPTS}`] = `${updatedAt} ${outcome}`;
  return row;
}

/** All entries of a batch have one time. */
let latestTime = { ms: Number.NaN, text: '' };

function isoOf(ms: number): string {
  if (ms !== latestTime.ms) latestTime = { ms, text: new Date(ms).toISOString() };
  return latestTime.text;
}

const responseIdColumn = ({ eventId, providerResponseId }: UsageEvent): string =>
  providerResponseId === fallbackResponseId(eventId) ? '' : providerResponseId;

/** The provider's response id of an event; undefined for a row that was written without it. */
export const responseIdOf = ({ rowKey, providerResponseId }: LedgerRow): string | undefined =>
  providerResponseId === '' ? fallbackResponseId(rowKey) : providerResponseId;

/** Those of the request win. Undefined without any. */
function propertiesOf(event: UsageEvent, names: readonly string[]): string | undefined {
  const found = names.flatMap((name): [string, string][] => {
    const value = event.requestProperties[name] ?? event.useCaseProperties[name];
    return value === undefined || value === '' ? [] : [[name, value.slice(0, MAX_PROPERTY)]];
  });
  return found.length === 0 ? undefined : JSON.stringify(Object.fromEntries(found));
}
