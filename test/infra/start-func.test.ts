import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** Runs the command with only these folders in its path. */
async function startFunc(path: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'infra/local/start-func.ts', '--port', '7099'], {
    cwd: project,
    env: { PATH: path, HOME: process.env['HOME'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, ...said };
}

test('says how to get func when it is not installed', async () => {
  const { code, stderr } = await startFunc('/nowhere');
  expect(code).toBe(1);
  expect(stderr).toContain('func is not installed. Install Azure Functions Core Tools 4');
  expect(stderr).toContain('npm start');
});

test.skipIf(process.platform === 'win32')('starts func with the settings of the stand-ins', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'func-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(
    join(folder, 'func'),
    `#!/usr/bin/env node\nconsole.log(JSON.stringify({ args: process.argv.slice(2), env: process.env }));\n`,
  );
  await chmod(join(folder, 'func'), 0o755);
  const { code, stdout } = await startFunc([folder, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter));
  expect(code).toBe(0);
  const { args, env } = JSON.parse(stdout) as { args: string[]; env: Record<string, string> };
  expect(args).toEqual(['start', '--port', '7099']);
  expect(env).toMatchObject({
    FUNCTIONS_WORKER_RUNTIME: 'node',
    ServiceBusConnection: expect.stringContaining('UseDevelopmentEmulator=true'),
    PAYI_BASE_URL: expect.stringContaining('http://127.0.0.1:'),
    ANTHROPIC_BASE_URL: expect.stringContaining('http://127.0.0.1:'),
  });
  const endpoints = [
    ...(env['AzureWebJobsStorage'] ?? '').matchAll(/(\w+)Endpoint=http:\/\/127\.0\.0\.1:\d+\/devstore/g),
  ];
  expect(endpoints.map(([, service]) => service)).toEqual(['Blob', 'Queue', 'Table']);
});
