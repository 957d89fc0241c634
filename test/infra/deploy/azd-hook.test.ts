import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { runHook } from '../../../infra/cli/azd/hook.ts';
import { Steps } from '../../../infra/cli/deploy/steps.ts';
import { startFakeAz } from './fake-az.ts';

const output = { json: false, say: () => {}, progress: () => {} };
const { signal } = new AbortController();

/** A vault in memory, an app that always answers, and what azd gives its hooks. */
async function start() {
  let ingested = 0;
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    if (path === '/api/routes/plan') ingested += 1;
    const data: Record<string, unknown> = {
      '/api/usage': { rows: [{ requests: ingested }] },
      '/api/admin/audit': { states: { ingested } },
      '/api/routes/plan': { metrics: { cost: 0.01, use_case_id: 'an-instance' } },
    };
    response.end(JSON.stringify({ data: data[path] ?? {} }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake = await startFakeAz(url, async () => {});
  onTestFinished(async () => {
    server.close();
    await fake.close();
  });
  const steps = new Steps(output, signal);
  const environment = {
    AZURE_SUBSCRIPTION_ID: 'the-subscription-of-azd',
    AZURE_RESOURCE_GROUP: 'rg-dev',
    functionAppName: 'func-trailmeter-dev-abc',
    functionAppUrl: url,
    keyVaultName: 'kv-trailme-abc',
    vaultSettings: '["PAYI_API_KEY","ACCESS_KEYS"]',
  };
  const tools = { az: fake.az, ask: async () => 'the-key-of-payi', steps, signal };
  return { fake, steps, environment, tools };
}

test('after azd provision the secrets are set, then the first call is made', async () => {
  const { fake, steps, environment, tools } = await start();
  await runHook('secrets', environment, tools);
  expect([...fake.subscription.secrets.keys()]).toEqual(['payi-api-key', 'access-keys']);
  await runHook('first-call', environment, tools);
  const names = ['tools', 'sign-in', 'secrets', 'references', 'tools', 'sign-in', 'ready', 'payi-setup', 'smoke'];
  expect(steps.results.map(({ name, ok }) => `${name} ${ok}`)).toEqual(names.map((name) => `${name} true`));
  const subscriptions = fake.calls.flatMap(({ command, options }) =>
    command.startsWith('keyvault') ? [options['subscription']] : [],
  );
  expect(new Set(subscriptions)).toEqual(new Set(['the-subscription-of-azd']));
});

test('what azd did not give is named', async () => {
  const { environment, tools } = await start();
  const { vaultSettings: _, ...rest } = environment;
  await expect(runHook('secrets', { ...rest, keyVaultName: '' }, tools)).rejects.toThrow(
    'azd did not give keyVaultName, vaultSettings.',
  );
});
