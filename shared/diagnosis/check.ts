import type { Clock } from '../util/clock.ts';
import { withTimeout } from '../util/with-timeout.ts';

/** Every check of a diagnosis, in the order in which people should mend. The names are stable: programs match on them. */
export const checkNames = [
  'settings',
  'access',
  'tables',
  'queues',
  'clock',
  'provider',
  'payi',
  'attribution',
  'receiving',
  'enforcement',
  'prices',
  'dead-letters',
  'export',
] as const;
export type CheckName = (typeof checkNames)[number];

/** One thing that was looked at. */
export interface Check {
  name: CheckName;
  ok: boolean;
  /** What was found, in words. */
  found: string;
  /** What to do; null where nothing is wrong. */
  mend: string | null;
}

export type Finding = Omit<Check, 'name'>;

/** Something that is wrong, and what to do. */
export interface Fault {
  found: string;
  mend: string;
}

export const well = (found: string): Finding => ({ ok: true, found, mend: null });

/** A finding of all faults, or of `otherwise` where there are none. */
export const findingOf = (faults: readonly Fault[], otherwise: string): Finding =>
  faults.length === 0
    ? well(otherwise)
    : { ok: false, found: joined(faults.map(({ found }) => found)), mend: joined(faults.map(({ mend }) => mend)) };

const joined = (texts: string[]): string => [...new Set(texts)].join(' ');

const CHECK_MS = 20_000;
const LONGEST = 400;

/** Runs a check. An error is what it found, and `mend` what to do then. Never rejects. */
export async function runCheck(
  name: CheckName,
  mend: string,
  clock: Clock,
  look: () => Promise<Finding>,
): Promise<Check> {
  try {
    return { name, ...(await withTimeout(CHECK_MS, look(), clock)) };
  } catch (error) {
    return { name, ok: false, found: textOf(error), mend };
  }
}

/** The text of an error and of what caused it: the first says what failed, the last why. */
function textOf(error: unknown): string {
  const texts: string[] = [];
  for (let at = error; at instanceof Error && texts.length < 3; at = at.cause) if (at.message) texts.push(at.message);
  return (texts.length > 0 ? [...new Set(texts)].join(' Cause: ') : String(error)).slice(0, LONGEST);
}
