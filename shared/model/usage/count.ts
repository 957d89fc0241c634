export const MAX_COUNT = 2_147_483_647;

/** A count that an answer gives: its value, or what it can be read as at least. */
export interface Count {
  value: number;
  /** False for a string, a fraction, a negative number or one that no call can reach: the value is then a lower end. */
  readable: boolean;
}

/** Null where the member is absent or null. */
export function readCount(value: unknown): Count | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_COUNT)
    return { value, readable: true };
  const number = typeof value === 'number' || typeof value === 'string' ? Math.ceil(Number(value)) : Number.NaN;
  return { value: number >= 0 && number <= MAX_COUNT ? number : 0, readable: false };
}
