import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { consoleOptions } from '../../infra/cli/bundle/console.ts';

/** Script, style and page together, packed as they are sent. */
const MOST_BYTES = 150_000;

it('the first load of the console is small, and its page names every file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'console-size-'));
  await build(consoleOptions(fileURLToPath(new URL('../..', import.meta.url)), folder));
  const names = await readdir(folder);
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  let bytes = 0;
  for (const name of names) {
    bytes += gzipSync(await readFile(join(folder, name))).length;
    if (name !== 'index.html') expect(page).toContain(`/console/files/${name}`);
  }
  expect(names).toHaveLength(3);
  expect(bytes).toBeLessThan(MOST_BYTES);
  await rm(folder, { recursive: true });
});
