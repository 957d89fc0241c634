import { randomUUID } from 'node:crypto';

/** A UUID of version 7 (RFC 9562): sortable by the millisecond of `nowMs` (UTC). */
export function uuidV7(nowMs: number): string {
  const time = nowMs.toString(16).padStart(12, '0');
  // Behind the version digit both versions are alike; Node keeps randomness for UUIDs ready, for other bytes it does not.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
