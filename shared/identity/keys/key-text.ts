import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type KeyRecord, secretsAt } from './key-record.ts';

const SECRET_BYTES = 32;

/** A new key as its caller sends it, and what is kept of it. `tmk_` lets scanners for leaked secrets find it. */
export function makeKey(name: string): { key: string; hash: string } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { key: `tmk_${name}_${secret}`, hash: digestOf(secret).toString('hex') };
}

/** The parts of a key; undefined for a text that has another form. */
export function readKey(text: string): { name: string; secret: string } | undefined {
  const [, name, secret] = /^tmk_([a-z0-9][a-z0-9-]{0,40})_([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  return name === undefined || secret === undefined ? undefined : { name, secret };
}

/** Whether a secret is one of the record's at a time (ms, UTC). Each is compared, in constant time. */
export function hasSecret(record: KeyRecord, secret: string, nowMs: number): boolean {
  const digest = digestOf(secret);
  let found = false;
  for (const { hash } of secretsAt(record, nowMs)) {
    const isSame = timingSafeEqual(digest, Buffer.from(hash, 'hex'));
    found ||= isSame;
  }
  return found;
}

/** For comparisons in constant time: digests have one length. */
export const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
