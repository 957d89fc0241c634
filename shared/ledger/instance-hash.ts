import { hash } from 'node:crypto';
import { uuidV7Ms } from '../util/ids.ts';
import { type LedgerRow, minuteOfPartition } from './ledger-row.ts';

/** An instance as the index knows it: 48 bits. Where two instances share them, a minute more of the ledger is read. */
export const HASH_LENGTH = 8;

/** Minutes for which an id that was made here (a UUID of version 7) says where its events are. */
const IMPLIED_MINUTES = 5;
const MINUTE_MS = 60_000;

export const hashOfInstance = (useCaseName: string, useCaseId: string): string =>
  hash('sha256', `${useCaseName}\n${useCaseId}`, 'base64url').slice(0, HASH_LENGTH);

/** The minutes of an instance's events that its id says, in order. */
export function impliedMinutes(useCaseId: string): string[] {
  const ms = uuidV7Ms(useCaseId);
  if (ms === undefined) return [];
  return Array.from({ length: IMPLIED_MINUTES }, (_, n) => new Date(ms + n * MINUTE_MS).toISOString().slice(0, 16));
}

/** The hashes, each once and one behind the other, of those instances of a partition's events whose ids do not say its minute. */
export function hashesOfRows(
  partitionKey: string,
  rows: Iterable<Pick<LedgerRow, 'useCaseName' | 'useCaseId'>>,
): string {
  const minute = Date.parse(`${minuteOfPartition(partitionKey)}Z`) / MINUTE_MS;
  const hashes = new Set<string>();
  for (const { useCaseName, useCaseId } of rows)
    if (!isImplied(useCaseId, minute)) hashes.add(hashOfInstance(useCaseName, useCaseId));
  return [...hashes].join('');
}

function isImplied(useCaseId: string, minute: number): boolean {
  const ms = uuidV7Ms(useCaseId);
  if (ms === undefined) return false;
  const minutes = minute - Math.floor(ms / MINUTE_MS);
  return minutes >= 0 && minutes < IMPLIED_MINUTES;
}
