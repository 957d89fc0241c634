import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { runCommand } from './command.ts';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../..', import.meta.url));
const source = join(project, 'shared/library');

/**
 * Builds the library as a package that can be packed or published: ES modules and CommonJS with source maps, types for both, manifest,
 * README and licence. It has no dependencies: all that it uses is in the bundle.
 * @throws esbuild's BuildFailure; Error where the compiler fails, or a public type needs a package
 */
export async function buildLibrary(folder = join(project, 'dist/library')): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all([
    bundle('esm', join(folder, 'index.js')),
    bundle('cjs', join(folder, 'index.cjs')),
    writeTypes(folder),
    writeManifest(folder),
    copyFile(join(source, 'README.md'), join(folder, 'README.md')),
    copyFile(join(project, 'LICENSE'), join(folder, 'LICENSE')),
  ]);
}

const bundle = (format: 'esm' | 'cjs', outfile: string) =>
  build({
    absWorkingDir: project,
    entryPoints: ['shared/library/index.ts'],
    outfile,
    bundle: true,
    format,
    platform: 'node',
    target: 'node20',
    // Names stay, since errors show them.
    minify: true,
    keepNames: true,
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'warning',
  });

async function writeManifest(folder: string): Promise<void> {
  const [manifest, { version }] = (await Promise.all(
    [join(source, 'package.json'), join(project, 'package.json')].map(async (file) =>
      JSON.parse(await readFile(file, 'utf8')),
    ),
  )) as [object, { version: string }];
  await writeFile(join(folder, 'package.json'), `${JSON.stringify({ ...manifest, version }, undefined, 2)}\n`);
}

/** The declarations that the entry leads to, side by side; once for importing and once for requiring. */
async function writeTypes(folder: string): Promise<void> {
  const emitted = await mkdtemp(join(tmpdir(), 'trailmeter-types-'));
  try {
    await run(process.execPath, [
      join(project, 'node_modules/typescript/bin/tsc'),
      ...['-p', source, '--outDir', emitted],
    ]);
    const texts = await declarationsFrom(join(emitted, 'library/index.d.ts'));
    for (const [name, text] of texts) {
      await writeFile(join(folder, `${name}.d.ts`), linked(text, 'js'));
      await writeFile(join(folder, `${name}.d.cts`), linked(text, 'cjs'));
    }
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
}

const importedFile = /\bfrom '([^']+)'/g;

async function declarationsFrom(entry: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const name = basename(file, '.d.ts');
    if (texts.has(name)) continue;
    const text = await readFile(file, 'utf8');
    texts.set(name, text);
    for (const [, target = ''] of text.matchAll(importedFile)) {
      if (!target.startsWith('.')) throw new Error(`${name}.ts: a public type of the library needs ${target}.`);
      open.push(resolve(dirname(file), target.replace(/\.ts$/, '.d.ts')));
    }
  }
  return texts;
}

const linked = (text: string, extension: 'js' | 'cjs'): string =>
  text.replace(importedFile, (_, target: string) => `from './${basename(target, '.ts')}.${extension}'`);

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runCommand({ usage: 'npm run build:library' }, async (_, output) => {
    await buildLibrary();
    output.say('Built dist/library; npm pack ./dist/library makes a package of it.');
    return { ok: true, folder: 'dist/library' };
  });
}
