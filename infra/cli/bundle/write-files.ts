import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Writes the files of a build to a folder. A build under watch writes only what has changed: the first one runs twice, and the app that
 * was started in between would start again.
 */
export function writeTo(folder: string): Plugin {
  const written = new Map<string, string>();
  return {
    name: 'write-to',
    setup(build) {
      build.onEnd(async ({ outputFiles = [] }) => {
        await mkdir(folder, { recursive: true });
        const changed = outputFiles.filter(({ path, hash }) => written.get(path) !== hash);
        await Promise.all(
          changed.map(async ({ path, contents, hash }) => {
            await writeWhole(join(folder, basename(path)), contents);
            written.set(path, hash);
          }),
        );
      });
    },
  };
}

/** Whoever reads the file meanwhile gets the whole old one or the whole new one: an app that starts would run an empty file. */
export async function writeWhole(path: string, contents: string | Uint8Array): Promise<void> {
  const next = `${path}.${process.pid}`;
  await writeFile(next, contents);
  await rename(next, path);
}
