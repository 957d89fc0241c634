import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { buildApp } from '../../infra/cli/build.ts';
import { placesOf, runsInAzure } from '../../infra/cli/bundle/packages.ts';
import { routes } from '../../shared/api/routes.ts';
import { TaskThread } from '../../shared/gateways/reading/task-thread.ts';
import { loadApp } from '../bench/cold/load-app.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

it('builds a folder to deploy whose bundle and map name no path of this machine', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'build-test-'));
  const app = await buildApp({ outDir, deployable: true });
  const settings = JSON.parse(await readFile(join(outDir, 'package.json'), 'utf8'));
  expect(settings.dependencies).toEqual({ sharp: expect.any(String), 'swagger-ui-dist': expect.any(String) });
  const bundle = await readFile(join(outDir, settings.main), 'utf8');
  const map = await readFile(join(outDir, `${settings.main}.map`), 'utf8');
  expect(bundle).toContain('require("@azure/functions-core")');
  expect(bundle.includes(project)).toBe(false);
  expect(map.includes(project) || map.includes(outDir)).toBe(false);
  expect(JSON.parse(map).sources).toContain('../../functions/index.ts');
  expect(await readFile(join(outDir, 'host.json'), 'utf8')).toBe(await readFile(join(project, 'host.json'), 'utf8'));
  await app.close();
  await rm(outDir, { recursive: true });
});

it('builds an app directory for this machine whose map names the real files', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'build-test-'));
  await buildApp({ outDir });
  const { sourceRoot, sources } = JSON.parse(await readFile(join(outDir, 'dist/functions/index.cjs.map'), 'utf8'));
  const files = (sources as string[])
    .filter((source) => source.startsWith('../../') && !source.includes('node_modules'))
    .map((source) => fileURLToPath(new URL(`${sourceRoot}${source}`)));
  expect(files).toContain(join(project, 'functions/index.ts'));
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  await rm(outDir, { recursive: true });
});

it('builds a folder to deploy, in which what is not bundled is found', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'build-test-'));
  await buildApp({ outDir, deployable: true });
  const load = "console.log(JSON.stringify(Object.keys(require('sharp').versions)))";
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', load], { cwd: outDir });
  expect(JSON.parse(stdout)).toContain('sharp');
  expect((await lstat(join(outDir, 'node_modules'))).isSymbolicLink()).toBe(false);
  expect((await readdir(join(outDir, 'node_modules'))).length).toBeLessThan(6);
  await rm(outDir, { recursive: true });
});

it('deploys of the viewer only the files that are served, and their licences', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'build-test-'));
  await buildApp({ outDir, deployable: true });
  expect((await readdir(join(outDir, 'node_modules/swagger-ui-dist'))).sort()).toEqual([
    'LICENSE',
    'NOTICE',
    'package.json',
    'swagger-ui-bundle.js',
    'swagger-ui-bundle.js.LICENSE.txt',
    'swagger-ui.css',
  ]);
  expect(existsSync(join(outDir, 'node_modules/@scarf'))).toBe(false);
  await rm(outDir, { recursive: true });
});

it('builds the modules of threads next to the app', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'build-test-'));
  await buildApp({ outDir, deployable: true });
  const module = join(outDir, 'dist/functions/read-in-thread.cjs');
  const body = { model: 'gpt-4o', input: 'x'.repeat(100) };
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(body)));
  const { value } = await new TaskThread(pathToFileURL(module)).run({ name: 'embeddings', bytes });
  expect(value).toMatchObject({ value: { shape: { model: 'gpt-4o', unknown: undefined } } });
  await rm(outDir, { recursive: true });
});

it('takes the native code of Azure, whatever machine builds', async () => {
  const { packages } = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8'));
  const native = placesOf(['sharp'], packages).filter((place) => packages[place].os && runsInAzure(packages[place]));
  expect(native).toEqual(['node_modules/@img/sharp-libvips-linux-x64', 'node_modules/@img/sharp-linux-x64']);
});

it('finds what packages need, the nearest first', () => {
  const packages = {
    'node_modules/a': { dependencies: { b: '1', c: '1' }, optionalDependencies: { d: '1' } },
    'node_modules/a/node_modules/b': { dependencies: { c: '1' } },
    'node_modules/b': { dependencies: { e: '1' } },
    'node_modules/c': { dependencies: { a: '1' } },
    'node_modules/e': {},
  };
  expect(placesOf(['a'], packages)).toEqual(['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/c']);
});

it('builds a folder to deploy that loads, with its names and without long lines', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'build-test-'));
  await buildApp({ outDir, deployable: true });
  const { functions } = await loadApp(outDir);
  expect(functions).toBeGreaterThanOrEqual(routes.length);
  const bundle = await readFile(join(outDir, 'dist/functions/index.cjs'), 'utf8');
  expect(bundle).toMatch(/\bclass TrailmeterError extends\b|\bTrailmeterError=class extends\b/);
  // Ours in any case, by which callers and logs know them.
  expect(bundle).not.toMatch(/\b(Trailmeter|Request|Table|Answer|Payi|Limit\w*|Settings)Error\d/);
  expect(bundle.length).toBeLessThan(3_000_000);
  // zod's message in Dutch.
  expect(bundle).not.toContain('Ongeldige invoer');
  // Node prints the line in which an error was thrown.
  expect(bundle.split('\n').length).toBeGreaterThan(5_000);
  await rm(outDir, { recursive: true });
});
