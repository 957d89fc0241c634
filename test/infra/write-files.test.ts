import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildContext, context } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeTo } from '../../infra/cli/bundle/write-files.ts';

let folder: string;
let watching: BuildContext;
const entry = (text: string) => writeFile(join(folder, 'entry.js'), text);
const out = () => join(folder, 'built/entry.js');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-files-'));
  await entry('console.log(1);');
  watching = await context({
    entryPoints: [join(folder, 'entry.js')],
    outdir: 'dist',
    write: false,
    plugins: [writeTo(join(folder, 'built'))],
  });
  await watching.rebuild();
});
afterEach(async () => {
  await watching.dispose();
  await rm(folder, { recursive: true });
});

test('a build that changes nothing writes nothing', async () => {
  const { ino, mtimeNs } = await stat(out(), { bigint: true });
  await watching.rebuild();
  expect(await stat(out(), { bigint: true })).toMatchObject({ ino, mtimeNs });
});

test('whoever has opened a file reads it to its end while the next one takes its place', async () => {
  const file = await open(out());
  await entry('console.log(2);');
  await watching.rebuild();
  expect(await file.readFile('utf8')).toBe('console.log(1);\n');
  await file.close();
  expect(await readFile(out(), 'utf8')).toBe('console.log(2);\n');
  expect(await readdir(join(folder, 'built'))).toEqual(['entry.js']);
});

test('a build that failed leaves the last good one', async () => {
  await entry('console.log(;');
  await expect(watching.rebuild()).rejects.toThrow('Unexpected ";"');
  expect(await readFile(out(), 'utf8')).toBe('console.log(1);\n');
});
