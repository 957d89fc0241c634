import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const project = fileURLToPath(new URL('../../', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${project}package.json`, 'utf8')) as { scripts: Record<string, string> };
const ours = Object.entries(scripts).filter(([, script]) => script.startsWith('node '));

function start(script: string, args: string[] = [], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...script.split(' ').slice(1), ...args], {
    cwd: project,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  return { child, said, ended: once(child, 'close').then(([code]) => code as number | null) };
}

test('every command but those of other tools is ours', () => {
  const others = Object.keys(scripts).filter((name) => !ours.some(([our]) => our === name));
  expect(others).toEqual(['test', 'test:unit', 'test:watch', 'check', 'typecheck', 'format']);
});

test.each(ours)('npm run %s shows its usage when an argument is wrong', async (name, script) => {
  const { said, ended } = start(script, ['--nonsense', '--json']);
  expect(await ended).toBe(2);
  expect(said.stderr).toMatch(new RegExp(`^Unknown option '--nonsense'\\.\\nnpm (run )?${name}`));
  expect(JSON.parse(said.stdout)).toEqual({ ok: false, error: "Unknown option '--nonsense'." });
});

test('--help prints the usage on stdout', async () => {
  const { said, ended } = start(scripts['dead-letters'] ?? '', ['--help']);
  expect(await ended).toBe(0);
  expect(said.stdout).toMatch(/^npm run dead-letters -- list/);
  expect(said.stderr).toBe('');
});

test('npm start tells its addresses, and ends without a complaint on Ctrl-C', async () => {
  const { child, said, ended } = start(scripts['start'] ?? '', ['--port', '0']);
  await expect.poll(() => said.stdout).toContain('Ctrl-C ends all of it.');
  const urls = [...said.stdout.matchAll(/^ {2}(?:the|Table|Pay-i).* (http:\S+)$/gm)].map(([, url = '']) => url);
  expect(urls).toHaveLength(5);
  const asked = await fetch(`${urls[0]}/api/trail-finder/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ location: 'Moab, Utah', searchRadius: 50 }),
  });
  expect(asked.status).toBe(200);
  await expect
    .poll(() => said.stderr)
    .toMatch(
      /^POST {2}\/api\/trail-finder\/search {2}200 {2}\d+ ms {2}\$0\.\d{6} {2}trail_finder {2}\S+ {2}request \S+$/m,
    );
  await expect.poll(() => said.stderr).toMatch(/^BATCH {2}\d+ events? reached Pay-i/m);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(said.stderr).toContain('Stopping …');
  expect(said.stderr).not.toContain('Service Bus');
  for (const url of urls) await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test.skipIf(process.platform === 'win32')('a command ends with the shell in which npm started it', async () => {
  const shell = spawn('sh', ['-c', `${scripts['servicebus']} --port 0 & echo $!; wait`], {
    cwd: project,
    env: { ...process.env, npm_lifecycle_event: 'servicebus' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  shell.stdout.on('data', (chunk) => (said += chunk));
  onTestFinished(() => void shell.kill('SIGKILL'));
  await expect.poll(() => said).toContain('Queues: usage-events, judge-jobs\nEndpoint=');
  const pid = Number(said.split('\n')[0]);
  onTestFinished(() => {
    if (runs(pid)) process.kill(pid, 'SIGKILL');
  });
  shell.kill('SIGTERM');
  await expect.poll(() => runs(pid)).toBe(false);
});

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
