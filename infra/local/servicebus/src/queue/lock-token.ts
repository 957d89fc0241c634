import { randomFillSync } from 'node:crypto';

const pool = Buffer.allocUnsafe(16 * 256);
let used = pool.length;

/** A new lock token: 16 random bytes in the order of the wire, as latin1 text. Randomness is drawn in bulk: it is dear in small pieces. */
export function createLockToken(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return pool.toString('latin1', used - 16, used);
}

/** The delivery tag has the .NET byte order of a GUID, `$management` the order of its text; this goes either way. */
const textOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** The lock token as the AMQP uuid that `$management` uses. */
export function tokenToUuid(token: string): Buffer {
  const tag = Buffer.from(token, 'latin1');
  return Buffer.from(textOrder.map((from) => tag[from] ?? 0));
}

/** The lock token of an AMQP uuid; undefined for anything that is not a uuid. */
export function uuidToToken(uuid: unknown): string | undefined {
  if (!Buffer.isBuffer(uuid) || uuid.length !== 16) return undefined;
  return Buffer.from(textOrder.map((from) => uuid[from] ?? 0)).toString('latin1');
}
