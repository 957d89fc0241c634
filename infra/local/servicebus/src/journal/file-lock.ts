import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { JournalError } from './journal-error.ts';

/** Files that brokers of this process hold. */
const held = new Set<string>();

/**
 * Keeps other brokers from a data file, by a file beside it with the id of the process. One whose process is gone
 * (`kill -9`) counts for nothing.
 * @returns what to call when the file is free again
 * @throws JournalError when another broker has it
 */
export function lockFile(file: string): () => void {
  const lock = `${resolve(file)}.lock`;
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      held.add(lock);
      return () => {
        held.delete(lock);
        rmSync(lock, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(lock);
    if (attempt > 0 || isHeld(lock, owner)) {
      throw new JournalError(
        `${file} is in use by the broker of the process ${owner}: stop that one, or name another file. If no broker runs, remove ${lock}.`,
      );
    }
    rmSync(lock, { force: true });
  }
}

function readOwner(lock: string): number {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch (error) {
    // Given back in this very moment.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

function isHeld(lock: string, owner: number): boolean {
  // A container's processes get the same ids in every life: what is ours by number need not be ours.
  if (owner === process.pid) return held.has(lock);
  if (!Number.isSafeInteger(owner) || owner <= 0) return false;
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
