import { createHash } from 'node:crypto';

/** A source of choices that gives the same ones for the same key. */
export interface Random {
  /** An integer from 0 to below `bound`. */
  below(bound: number): number;
  /** An item of a list that is not empty. */
  pick<T>(items: readonly [T, ...T[]]): T;
  /** `count` different items (all, when there are fewer), in the list's order. */
  some<T>(items: readonly T[], count: number): T[];
}

export function randomFrom(key: string): Random {
  let state = createHash('sha256').update(key).digest().readUInt32LE(0) || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    below,
    pick: (items) => items[below(items.length)] ?? items[0],
    some(items, count) {
      const left = items.map((_, index) => index);
      const chosen: number[] = [];
      while (chosen.length < count && left.length > 0) chosen.push(...left.splice(below(left.length), 1));
      const keep = new Set(chosen);
      return items.filter((_, index) => keep.has(index));
    },
  };
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** An id of the provider's form, e.g. `msg_01…`; the same for the same key. */
export function idFrom(prefix: string, key: string): string {
  const bytes = createHash('sha256').update(`${prefix}:${key}`).digest().subarray(0, 22);
  return `${prefix}_01${Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}

/** Bytes that look like the provider's sealed texts. */
export const opaque = (key: string, bytes: number): string => {
  const parts: Buffer[] = [];
  for (let index = 0; index * 32 < bytes; index += 1) {
    parts.push(createHash('sha256').update(`${key}:${index}`).digest());
  }
  return Buffer.concat(parts).subarray(0, bytes).toString('base64');
};
