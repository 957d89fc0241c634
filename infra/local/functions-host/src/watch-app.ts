import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Instance } from './instance.ts';

/** Waits so long after a change for others of the same build, in ms. */
const SETTLE_MS = 150;

/**
 * Restarts the instances whenever the built app changes, one restart after the other, the first one when they have `started`.
 * `close` resolves when none is under way any more.
 */
export async function watchApp(
  appDirectory: string,
  instances: Instance[],
  started: Promise<unknown>,
  log: (line: string) => void,
): Promise<{ close(): Promise<unknown> }> {
  const { main } = JSON.parse(await readFile(join(appDirectory, 'package.json'), 'utf8')) as { main: string };
  let settling: NodeJS.Timeout | undefined;
  let restarting = started;
  let isNextWaiting = false;

  async function restart(): Promise<void> {
    isNextWaiting = false;
    log('The app has changed: restarting it.');
    const results = await Promise.allSettled(instances.map((instance) => instance.restart()));
    for (const result of results) if (result.status === 'rejected') log(String(result.reason));
  }

  const watcher = watch(dirname(join(appDirectory, main)), () => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      if (isNextWaiting) return;
      isNextWaiting = true;
      restarting = restarting.then(restart);
    }, SETTLE_MS);
  });
  return {
    close() {
      watcher.close();
      clearTimeout(settling);
      return restarting;
    },
  };
}
