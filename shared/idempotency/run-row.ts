import { createHash } from 'node:crypto';
import { z } from 'zod';
import { TrailmeterError } from '../errors/trailmeter-error.ts';
import type { Seal } from '../seal/seal.ts';
import type { RowKey } from '../tables/table.ts';
import { fromColumns, type TextColumns, toColumns } from '../tables/text-columns.ts';
import { type OutcomeKept, outcomeKeptSchema } from './outcome.ts';

/** Who sends a key. The same key of two callers is two keys. */
export interface KeyOwner {
  userId: string;
  accountName?: string;
  via: string;
  /** The access key that it came with: two services may call for users of the same name. */
  key?: { name: string };
}

/** The first request with a key, in the table `keyedruns`. The columns `text…` hold a sealed {@link RunRecord}. */
export type RunRow = RowKey & {
  /** Of this attempt at a run, so that a process recognises its own row after a write without an answer. */
  runId: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** ms, UTC. Until then the run may be under way; without an outcome after it, its process ended. */
  leaseUntilMs: number;
} & TextColumns;

const recordSchema = z.object({ content: z.string(), outcome: outcomeKeptSchema.optional() });
/** What was asked, as a digest, and what came of it. */
export type RunRecord = z.infer<typeof recordSchema>;

/** A row holds 1 MiB in UTF-16, so some 500,000 characters. */
const MAX_SEALED = 480_000;

/** Neither callers nor keys stand readable in the table. */
export function runKey({ userId, accountName = '', via, key: access }: KeyOwner, key: string): RowKey {
  const digest = sha256(JSON.stringify([via, access?.name ?? '', userId, accountName, key]));
  return { partitionKey: digest.slice(0, 2), rowKey: digest.slice(2) };
}

export const contentDigest = (content: unknown): string => sha256(JSON.stringify(content));

/** The record as columns. An outcome that is too large for a row is `lost`. */
export function sealRecord(seal: Seal, at: RowKey, record: { content: string; outcome?: OutcomeKept }): TextColumns {
  const sealed = seal.close(record, aboutOf(at));
  if (sealed.length <= MAX_SEALED) return toColumns(sealed);
  return toColumns(seal.close({ content: record.content, outcome: { kind: 'lost' } }, aboutOf(at)));
}

/** Undefined when it was sealed with another key (it was rotated) or changed. */
export function openRecord(seal: Seal, row: RunRow): RunRecord | undefined {
  try {
    return recordSchema.parse(seal.open(fromColumns(row), aboutOf(row)));
  } catch (error) {
    if (error instanceof TrailmeterError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** A record can't be moved to another key. */
const aboutOf = ({ partitionKey, rowKey }: RowKey): string => `keyed-run/${partitionKey}${rowKey}`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
