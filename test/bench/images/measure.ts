import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Measured {
  megapixels: number;
  wallMs: number;
  cpuMs: number;
  /** Resident memory at its highest above what it was, of one picture. */
  peakMb: number;
  /** What the budget takes for one picture. */
  budgetMb: number;
}

/** Prepares copies of a picture, one after another, in a process of their own. @throws Error when it ends early. */
export async function measurePictures(bytes: Buffer, copies: number): Promise<Measured> {
  const child = fork(fileURLToPath(new URL('prepare-process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  try {
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the process of the pictures ended with ${code}`);
    });
    ended.catch(() => undefined); // it ends after its answer too
    child.send({ bytes, copies });
    const [measured] = await Promise.race([once(child, 'message'), ended]);
    return measured as Measured;
  } finally {
    child.kill();
  }
}
