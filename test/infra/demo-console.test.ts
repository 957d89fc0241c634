import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { showConsole } from '../../infra/local/demo/show-console.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const URL_OF_APP = 'http://127.0.0.1:7071';

/** A folder with a program in place of the one that opens the usual browser, which notes what it was given. */
async function fakeOpener() {
  const folder = await mkdtemp(join(tmpdir(), 'opener-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const notes = join(folder, 'notes');
  for (const name of ['xdg-open', 'open']) {
    await writeFile(join(folder, name), `#!/bin/sh\necho "$@" >> "${notes}"\n`);
    await chmod(join(folder, name), 0o755);
  }
  return { folder, opened: () => readFile(notes, 'utf8').catch(() => '') };
}

/** Shows the console of a demo until the test ends it. */
function show(opens: boolean) {
  const lines: string[] = [];
  const interrupt = new AbortController();
  const note = (text: string) => void lines.push(text);
  const output = { json: false, say: note, progress: note };
  const shown = showConsole(URL_OF_APP, 'the-key', { opens, output, signal: interrupt.signal });
  return { lines, end: () => Promise.all([interrupt.abort(), shown]) };
}

test.skipIf(process.platform === 'win32')('--open opens the console in the usual browser', async () => {
  const { folder, opened } = await fakeOpener();
  vi.stubEnv('PATH', [folder, '/usr/bin', '/bin'].join(delimiter));
  onTestFinished(() => void vi.unstubAllEnvs());
  const { lines, end } = show(true);
  await expect.poll(opened).toBe(`${URL_OF_APP}/console\n`);
  await end();
  expect(lines).toEqual([expect.stringContaining(`The console: ${URL_OF_APP}/console`)]);
  expect(lines[0]).toContain('the-key');
});

test.skipIf(process.platform === 'win32')('without such a program it says so, and the demo stays', async () => {
  vi.stubEnv('PATH', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { lines, end } = show(true);
  await expect.poll(() => lines).toContainEqual(expect.stringContaining('Open the address by hand.'));
  await end();
});

test('--keep opens nothing', async () => {
  const { folder, opened } = await fakeOpener();
  vi.stubEnv('PATH', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { lines, end } = show(false);
  await end();
  expect([lines.length, await opened()]).toEqual([1, '']);
});

test.skipIf(process.platform === 'win32')('npm run demo -- --open shows its data until Ctrl-C', async () => {
  const { folder, opened } = await fakeOpener();
  const child = spawn(process.execPath, ['--import', 'tsx', 'infra/local/demo/main.ts', '--open'], {
    cwd: project,
    env: { ...process.env, PATH: [folder, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  await expect.poll(() => said.stdout, { timeout: 110_000 }).toContain('Ctrl-C ends all of it.');
  const [, url = '', key = ''] =
    /The console: (\S+)\/console\nSign in with the access key (\S+)\./.exec(said.stdout) ?? [];
  await expect.poll(opened).toBe(`${url}/console\n`);
  expect(await (await fetch(`${url}/console`)).text()).toContain('<title>Trailmeter</title>');
  const usage = await fetch(`${url}/api/usage?groupBy=user`, { headers: { 'x-functions-key': key } });
  const { data } = (await usage.json()) as { data: { rows: { requests: number }[] } };
  expect(data.rows.length).toBeGreaterThan(1);
  child.kill('SIGINT');
  await once(child, 'close');
  expect(child.exitCode).toBe(130);
  expect(said.stderr).toContain('Stopping everything …');
});
