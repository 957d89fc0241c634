import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Resident memory of processes together, in MB.
 * @throws Error when none of them lives, or the machine has no `ps`
 */
export async function residentMb(pids: number[]): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', pids.join(',')]);
  const kilobytes = stdout.split('\n').reduce((sum, line) => sum + Number(line), 0);
  return Math.round(kilobytes / 1024);
}

/**
 * Whether memory has come to rest: the last third of the samples is nowhere far above the second. The first third is
 * the time in which caches fill and code is compiled.
 */
export function isFlat(samplesMb: number[]): boolean {
  const third = Math.floor(samplesMb.length / 3);
  if (third === 0) return true;
  const earlier = Math.max(...samplesMb.slice(third, 2 * third));
  const later = Math.max(...samplesMb.slice(2 * third));
  return later <= earlier * 1.1 + 20;
}
