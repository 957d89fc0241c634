import type { RowKey } from '../../tables/table.ts';
import type { Whose } from '../policies/scope-keys.ts';
import { placeOf, stateKey } from './limit-place.ts';

/**
 * The rows of one limit in the table `limits`; they share a partition (see `placeOf`), so that one entity group
 * transaction moves them together. Every write of a slice writes the state too and is conditional on the state's ETag.
 * All money in nano-USD.
 */
export type LimitRow = StateRow | AllocationRow | ChangeRow;

export interface StateRow extends RowKey {
  limitId: string;
  /** Whose limit it is, as JSON of `Whose`. Limits without a key have none, nor do rows of versions without it. */
  whose?: string;
  /** What calls cost, as far as their processes have written it down, and what abandoned holds count as. */
  settledNano: bigint;
  /** Sum of the slices. */
  heldNano: bigint;
  /** The part of it that no call in flight used when its slice was last written. */
  idleNano: bigint;
  /** The part of `settledNano` that is held budget of processes that died (L2). */
  abandonedNano: bigint;
  /** What calls cost beyond what was held for them. */
  missedNano: bigint;
  /** Sum of our estimates of what was ingested at Pay-i. */
  reportedNano: bigint;
  /** What Pay-i says is spent, when it said so (ms, UTC; 0: never), and the part of `reportedNano` that is surely in it. */
  payiNano: bigint;
  payiAtMs: number;
  payiReportedNano: bigint;
  /** Pay-i's requests by state, as JSON. */
  payiRequests: string;
  /** The maximum and the line of warnings as they last were. */
  maxNano: bigint;
  warnNano: bigint;
  /** How far the limit has gone (see `levels`), and how far that was handed to the outbox of alerts. */
  level: number;
  announced: number;
  /** When it last got there: ms, UTC. */
  levelAtMs: number;
  /** The largest call that was refused while the level was `reached`, in nano-USD. Rows of versions without it have none. */
  refusedNano?: bigint;
  /** When it was last written what is spent or held: ms, UTC. Rows of versions without it have none. */
  figuresAtMs?: number;
  /** The ledger as of then is in what is settled: ms, UTC. Only limits that were rebuilt have it. */
  rebuiltAtMs?: number;
  /** The policy's `alerts` in percent, such as `50,80,95`. Rows without alerts have none of these. */
  alertAt?: string;
  /** The largest of them that is spent, the largest that was handed to the outbox of alerts, and when it was reached (ms, UTC). */
  share?: number;
  shareAnnounced?: number;
  shareAtMs?: number;
  /** What was spent at some moments of the period (see `recordSpend`). */
  history?: string;
  /** Counts resets, and the id of the last one. */
  epoch: number;
  resetId: string;
}

/** What one process may spend of the limit without asking. */
export interface AllocationRow extends RowKey {
  /** The limit and the process that it is of. */
  sliceOf: string;
  ownerId: string;
  /** Calls in flight, costs that are not in the state yet, and what is left for further calls. */
  amountNano: bigint;
  idleNano: bigint;
  /** What this process has added to `settledNano` so far. Tells after a lost answer whether a write happened. */
  ownSettledNano: bigint;
}

/** What an admin did to the figures of the limit. */
export interface ChangeRow extends RowKey {
  what: 'corrected' | 'reset';
  changedBy: string;
  changedAt: Date;
  /** Figures as JSON. */
  before: string;
  after: string;
}

export function allocationKey(limitId: string, ownerId: string): RowKey {
  const { partitionKey, prefix } = placeOf(limitId);
  return { partitionKey, rowKey: `${prefix}slice!${ownerId}` };
}

/** `exceeded`: past the threshold; `overrun`: past the maximum; `reached`: a call was refused. */
export const levels = ['ok', 'exceeded', 'overrun', 'reached'] as const;

/** As a state row has it. */
export const whoseText = (whose: Whose): string | undefined =>
  Object.keys(whose).length === 0 ? undefined : JSON.stringify(whose);

/** null where it is not known, and for a limit without a key. */
export const whoseOf = ({ whose }: Pick<StateRow, 'whose'>): Whose | null =>
  whose === undefined ? null : (JSON.parse(whose) as Whose);

export const newState = (limitId: string): StateRow => ({
  ...stateKey(limitId),
  limitId,
  settledNano: 0n,
  heldNano: 0n,
  idleNano: 0n,
  abandonedNano: 0n,
  missedNano: 0n,
  reportedNano: 0n,
  payiNano: 0n,
  payiAtMs: 0,
  payiReportedNano: 0n,
  payiRequests: '{}',
  maxNano: 0n,
  warnNano: 0n,
  level: 0,
  announced: 0,
  levelAtMs: 0,
  epoch: 0,
  resetId: '',
});

export const newAllocation = (limitId: string, ownerId: string): AllocationRow => ({
  ...allocationKey(limitId, ownerId),
  sliceOf: limitId,
  ownerId,
  amountNano: 0n,
  idleNano: 0n,
  ownSettledNano: 0n,
});
