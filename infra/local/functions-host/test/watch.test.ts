import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { send } from './raw-request.ts';
import { eventually } from './test-app.ts';

const ENTRY = `
import { app } from '@azure/functions';
import { word } from './word.ts';
app.http('say', { route: 'say', handler: async () => ({ body: word }) });
`;

/** A small app under watch: its address, what it says, how to change its source, and all of its stderr. */
async function watched(word: string) {
  const folder = await mkdtemp(join(tmpdir(), 'watch-test-'));
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await Promise.all([
    symlink(
      fileURLToPath(new URL('../../../../node_modules', import.meta.url)),
      join(folder, 'node_modules'),
      'junction',
    ),
    write('entry.ts', ENTRY),
    write('word.ts', word),
  ]);
  const child = fork(new URL('./watching.ts', import.meta.url), [join(folder, 'entry.ts'), join(folder, 'built')], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, maxRetries: 5 });
  });
  const told = { errors: '' };
  child.stderr?.on('data', (chunk) => (told.errors += chunk));
  const [url] = await Promise.race([
    once(createInterface(child.stdout as Readable), 'line'),
    ended.then(() => Promise.reject(new Error(`The app did not start.\n${told.errors}`))),
  ]);
  return { told, change: (text: string) => write('word.ts', text), say: () => send(`${url}/say`) };
}

test('a change of a source is built and served', async () => {
  const app = await watched("export const word = 'one';");
  expect((await app.say()).body).toBe('one');
  await app.change("export const word = 'two';");
  await eventually(async () => (await app.say()).body).toBe('two');
});

test('a source that cannot be built is reported, and the last good build goes on', async () => {
  const app = await watched("export const word = 'one';");
  await app.change('export const word = ;');
  await eventually(() => app.told.errors).toMatch(
    /word\.ts:1:20[\s\S]*Unexpected ";"|Unexpected ";"[\s\S]*word\.ts:1:20/,
  );
  expect(await app.say()).toMatchObject({ status: 200, body: 'one' });
  await app.change("export const word = 'three';");
  await eventually(async () => (await app.say()).body).toBe('three');
});

test('a source that ends at its start is reported, and the next one is served', async () => {
  const app = await watched("export const word = 'one';");
  await app.change("throw new Error('no such luck');\nexport const word = '';");
  await eventually(() => app.told.errors).toContain('no such luck');
  await app.change("export const word = 'four';");
  await eventually(async () => (await app.say()).body).toBe('four');
});

test('changes on each other’s heels: the last one is served', async () => {
  const app = await watched("export const word = 'zero';");
  for (let n = 1; n <= 12; n++) {
    await app.change(`export const word = 'word ${n}';`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await eventually(async () => (await app.say()).body).toBe('word 12');
  expect(app.told.errors).not.toContain('ended at its start');
});
