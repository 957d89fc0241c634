import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { allUseCases } from '../../../../shared/use-cases/use-cases.ts';
import { start } from './start.ts';

function run(script: string, args: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  return { child, output };
}

const exitCode = async (child: ChildProcess): Promise<number | null> => (await once(child, 'close'))[0];

async function setup(args: string[], environment: Record<string, string>) {
  const { child, output } = run('infra/cli/payi-setup.ts', args, environment);
  return { code: await exitCode(child), ...output };
}

test('payi-setup: one JSON object on stdout, exit code 0 only when all is well', async () => {
  const { standin } = await start();
  const settings = { PAYI_BASE_URL: standin.url, PAYI_API_KEY: 'key' };
  const dry = await setup(['--json', '--dry-run'], settings);
  const { items } = JSON.parse(dry.stdout) as { items: { kind: string; name: string }[] };
  expect(items.filter(({ kind }) => kind !== 'limit')).toHaveLength(
    allUseCases.flatMap(({ kpis }) => ['the use case', ...kpis]).length,
  );
  expect(items.flatMap(({ kind, name }) => (kind === 'limit' ? name.split(':', 1) : []))).toEqual(
    expect.arrayContaining(['daily-budget', 'monthly-analysis']),
  );
  expect(standin.inspect.summary().requests).not.toHaveProperty('POST /use_cases/definitions 201');
  const wet = await setup(['--json'], settings);
  expect(wet.code).toBe(0);
  expect(JSON.parse(wet.stdout).items).toContainEqual({ kind: 'use_case', name: 'trail_finder', result: 'created' });
  standin.faults.add({ status: 503 });
  const [failed, keyless, wrong] = await Promise.all([
    setup(['--json'], settings),
    setup([], { PAYI_BASE_URL: standin.url }),
    setup([], { PAYI_BASE_URL: 'nowhere', PAYI_API_KEY: 'key' }),
  ]);
  expect([failed.code, keyless.code, wrong.code]).toEqual([1, 1, 1]);
  expect(JSON.parse(failed.stdout)).toMatchObject({ ok: false, items: expect.any(Array) });
  expect(keyless.stderr).toContain('PAYI_API_KEY');
  expect(wrong.stderr).toContain('PAYI_BASE_URL');
});

test('prices --check: the rows that differ, exit code 0 only when none does', async () => {
  const { standin } = await start();
  const settings = { PAYI_BASE_URL: standin.url, PAYI_API_KEY: 'key' };
  const { child, output } = run('infra/cli/prices.ts', ['--check', '--json'], settings);
  expect(await exitCode(child)).toBe(0);
  expect(JSON.parse(output.stdout)).toMatchObject({ ok: true, rows: [] });
});

test('the stand-in as a process prints its url and ends on SIGTERM', async () => {
  const { child } = run('infra/local/payi/src/main.ts', ['--dialect', 'guide']);
  const [line] = await once(child.stdout, 'data');
  const summary = await fetch(`${String(line).trim()}/_standin/summary`);
  expect(await summary.json()).toMatchObject({ events: 0 });
  child.kill('SIGTERM');
  expect(await exitCode(child)).toBe(0);
});

test('events as lines: each with how often it was accepted', async () => {
  const { payi, raw } = await start();
  const one = { category: 'c', units: {}, provider_response_id: 'm' };
  await payi.ingest.bulk([one, one, { ...one, provider_response_id: 'n' }]);
  await payi.ingest.bulkUpsert([one]);
  const lines = (await (await raw('GET', '/_standin/events?format=tsv')).text()).trim().split('\n');
  expect(lines.slice(1)).toEqual(['c\tm\t3\t1\t1', 'c\tn\t1\t0\t0']);
  const page = await (await raw('GET', '/_standin/events?limit=1')).json();
  expect(page).toMatchObject({ items: [{ providerResponseId: 'm', accepted: 3 }], cursor: expect.any(String) });
  await raw('POST', '/_standin/reset');
  expect(await (await raw('GET', '/_standin/summary')).json()).toMatchObject({ events: 0, accepted: 0 });
});
