import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect } from 'vitest';

const project = fileURLToPath(new URL('../../../..', import.meta.url));

export interface TestApp {
  directory: string;
  remove(): Promise<void>;
}

/** Builds `apps/<name>.ts` into an app directory of its own. `serviceBus` and `members` go to host.json. */
export async function buildTestApp(name: string, serviceBus: object = {}, members: object = {}): Promise<TestApp> {
  const directory = await mkdtemp(join(tmpdir(), 'host-test-'));
  await Promise.all([
    build({
      entryPoints: [fileURLToPath(new URL(`./apps/${name}.ts`, import.meta.url))],
      outfile: join(directory, 'main.cjs'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['@azure/functions-core'],
    }),
    writeFile(join(directory, 'package.json'), JSON.stringify({ main: 'main.cjs' })),
    writeFile(
      join(directory, 'host.json'),
      JSON.stringify({ version: '2.0', extensions: { http: { routePrefix: '' }, serviceBus }, ...members }),
    ),
    symlink(join(project, 'node_modules'), join(directory, 'node_modules'), 'junction'),
  ]);
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Waits until what `read` gives passes the matcher that follows. */
export function eventually<T>(read: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { interval: 20 });
}
