import { randomUUID } from 'node:crypto';

const SEQUENCE_BITS = 12;
/** Ids of calls that began earlier come between, and leave the order of the present millisecond as it is. */
const latest = { ms: -1, sequence: 0 };
const earlier = { ms: -1, sequence: 0 };

/**
 * A UUID of version 7 (RFC 9562): sortable by the millisecond of `nowMs` (UTC), and within one millisecond by the order of
 * the calls in this process (the first 4,096 of them; RFC 9562 §6.2, method 1).
 */
export function uuidV7(nowMs: number): string {
  const made = nowMs >= latest.ms ? latest : earlier;
  made.sequence = nowMs === made.ms ? (made.sequence + 1) % (1 << SEQUENCE_BITS) : 0;
  made.ms = nowMs;
  const time = nowMs.toString(16).padStart(12, '0');
  const order = made.sequence.toString(16).padStart(3, '0');
  // Behind them both versions are alike; Node keeps randomness for UUIDs ready, for other bytes it does not.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${order}${randomUUID().slice(18)}`;
}

/** When a UUID of version 7 was made: ms, UTC. Undefined for any other text, and for times that no clock shows. */
export function uuidV7Ms(id: string): number | undefined {
  if (!/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/.test(id)) return undefined;
  const ms = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  return ms < LATEST_MS ? ms : undefined;
}

/** The end of the year 9999, behind which dates have another form. */
const LATEST_MS = 253_402_300_800_000;
