import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sha256Of } from '../../../infra/cli/package/zip.ts';
import { allOrNone, type Closer } from '../../../infra/local/all-or-none.ts';
import { startHost } from '../../../infra/local/functions-host/src/host.ts';
import { startServices } from '../../../infra/local/services.ts';
import { startFakeAz } from './fake-az.ts';

vi.setConfig({ testTimeout: 400_000 });

test('npm run deploy builds the package, and the app that starts from it alone is set up and called', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { services, stands, close } = await allOrNone(async (stands, close) => ({
    services: await startServices({}, stands),
    stands,
    close,
  }));
  onTestFinished(close);
  const az = await startFakeAz(url, async (zip) => {
    const secrets = Object.fromEntries(
      [...az.subscription.secrets].map(([name, value]) => [name.toUpperCase().replaceAll('-', '_'), value]),
    );
    const { DEV_IDENTITY: _, ...settings } = services.settings;
    await startFromPackage(zip, { ...settings, ...secrets }, port, stands);
  });
  onTestFinished(() => az.close());
  az.subscription.unread = 0;

  const { PAYI_API_KEY = '', ANTHROPIC_API_KEY = '' } = services.settings;
  const args = [
    '--import',
    'tsx',
    'infra/cli/deploy/main.ts',
    '--env',
    'dev',
    '--location',
    'West Europe',
    '--yes',
    '--json',
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, PATH: `${az.folder}:${process.env['PATH']}`, PAYI_API_KEY, ANTHROPIC_API_KEY },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  const [code] = await once(child, 'close');
  expect(code, said.stderr).toBe(0);
  const answer = JSON.parse(said.stdout) as { ok: boolean; steps: { name: string; ok: boolean; found: string }[] };
  expect(answer).toMatchObject({ ok: true, url, vaultName: 'kv-trailme-abc' });
  const foundBy = Object.fromEntries(answer.steps.map(({ name, found }) => [name, found]));
  expect(foundBy['package']).toContain(sha256Of(az.subscription.package ?? new Uint8Array()));
  expect(foundBy['smoke']).toMatch(/^a route was planned for 0\.\d+ USD, and Pay-i has the call/);
  const events = (await (await fetch(`${services.payi?.url}/_standin/events`)).json()) as {
    items: unknown[];
  };
  expect(events.items).toHaveLength(1);
});

async function startFromPackage(
  zip: Uint8Array,
  env: Record<string, string>,
  port: number,
  stands: (closer: Closer) => void,
) {
  const appDirectory = await mkdtemp(join(tmpdir(), 'deployed-'));
  stands(() => rm(appDirectory, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    await mkdir(dirname(join(appDirectory, name)), { recursive: true });
    await writeFile(join(appDirectory, name), bytes);
  }
  const host = await startHost({ appDirectory, env, port, instances: 1 });
  stands(() => host.close());
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
