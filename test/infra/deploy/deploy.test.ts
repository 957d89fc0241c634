import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openAz } from '../../../infra/cli/deploy/az.ts';
import { deploy } from '../../../infra/cli/deploy/deploy.ts';
import { deleteGroup } from '../../../infra/cli/deploy/group.ts';
import { StepFailed, Steps } from '../../../infra/cli/deploy/steps.ts';
import { type FakeAz, startFakeAz } from './fake-az.ts';

const output = { json: false, say: () => {}, progress: () => {} };
const GROUP = 'trailmeter-dev';
const marks = { app: 'trailmeter', environment: 'dev' };

/** What the command asks of a deployed app, without the app: see first-deploy.test.ts for the real one. */
async function startLiveApp() {
  const app = { calls: [] as string[], ingested: 0, isDeployed: false, fail: '' };
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    app.calls.push(`${request.method} ${path}`);
    const isBroken = app.fail === path;
    if (isBroken) app.fail = '';
    response.statusCode = !app.isDeployed || isBroken ? 500 : 200;
    if (path === '/api/routes/plan' && !isBroken) app.ingested += 1;
    const data: Record<string, unknown> = {
      '/api/admin/payi-setup': { useCaseDefinitions: [{ use_case_name: 'trail_planner', result: 'created' }] },
      '/api/usage': { rows: [{ requests: app.ingested }] },
      '/api/admin/audit': { states: { ingested: app.ingested } },
      '/api/routes/plan': { metrics: { cost: 0.01, use_case_id: 'an-instance' } },
    };
    response.end(JSON.stringify(response.statusCode === 200 ? { data: data[path] ?? {} } : { error: 'It broke.' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { app, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function start() {
  const { app, url } = await startLiveApp();
  const az = await startFakeAz(url, async () => {
    app.isDeployed = true;
  });
  onTestFinished(() => az.close());
  vi.stubEnv('PATH', az.folder);
  vi.stubEnv('PAYI_API_KEY', 'the-key-of-payi');
  vi.stubEnv('ANTHROPIC_API_KEY', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  const packageFile = join(az.folder, 'app.zip');
  await writeFile(packageFile, 'a package');
  return { app, az, url, packageFile };
}

/** Runs the command's steps. Resolves with what became of them, and what was asked. */
async function run(
  { packageFile, az }: { packageFile: string; az: FakeAz },
  more: { answers?: string[]; sha256?: string; location?: string | undefined; executable?: boolean } = {},
) {
  const { signal } = new AbortController();
  const steps = new Steps(output, signal);
  const asked: string[] = [];
  const answers = [...(more.answers ?? [])];
  const ask = async (question: string) => {
    asked.push(question);
    const answer = answers.shift();
    if (answer === undefined) throw new Error('There is no terminal.');
    return answer;
  };
  const options = {
    project: process.cwd(),
    environment: 'dev',
    group: GROUP,
    location: 'location' in more ? more.location : 'westeurope',
    packageFile,
    sha256: more.sha256,
    yes: false,
  };
  const live = await deploy(options, {
    az: more.executable ? openAz(signal) : az.az,
    ask,
    steps,
    output,
    signal,
  }).catch((error: unknown) => {
    if (!(error instanceof StepFailed)) throw error;
  });
  return { live, asked, steps: steps.results, last: steps.results.at(-1) };
}

const usualAnswers = ['yes', 'the-key-of-anthropic'];
const commandsOf = ({ calls }: FakeAz) => calls.map(({ command }) => command);

test('a first deployment registers, deploys, sets secrets, waits and calls the app', async () => {
  const it = await start();
  const { live, asked, steps } = await run(it, { answers: usualAnswers, executable: true });
  expect(steps.map(({ name, ok }) => `${name} ${ok}`)).toEqual(
    [
      'tools',
      'sign-in',
      'template',
      'package',
      'group',
      'permissions',
      'providers',
      'region',
      'quota',
      'vault',
      'preview',
      'resources',
      'secrets',
      'references',
      'upload',
      'ready',
      'payi-setup',
      'smoke',
    ].map((name) => `${name} true`),
  );
  expect(live).toMatchObject({ url: it.url, appName: 'func-trailmeter-dev-abc', vaultName: 'kv-trailme-abc' });
  expect(asked).toEqual(['Deploy this to trailmeter-dev? (yes)', 'ANTHROPIC_API_KEY (not shown):']);
  const { secrets, groups, registered } = it.az.subscription;
  expect(groups.get(GROUP)).toEqual({ location: 'westeurope', tags: marks });
  expect([...registered]).toContain('Microsoft.ServiceBus');
  expect(secrets.get('payi-api-key')).toBe('the-key-of-payi');
  expect(secrets.get('anthropic-api-key')).toBe('the-key-of-anthropic');
  expect(Buffer.from(secrets.get('judge-seal-key') ?? '', 'base64')).toHaveLength(32);
  expect(JSON.parse(secrets.get('access-keys') ?? '')).toEqual({
    operator: { key: expect.any(String), role: 'admin' },
  });
  expect(it.app.calls).toContain('POST /api/admin/payi-setup');
  // No secret is an argument of a process, or printed.
  const seen = JSON.stringify([it.az.calls, steps]);
  for (const value of secrets.values()) expect(seen).not.toContain(JSON.stringify(value).slice(1, -1));
});

test('a second deployment changes neither secrets nor providers, and asks only whether to go on', async () => {
  const it = await start();
  await run(it, { answers: usualAnswers });
  const before = new Map(it.az.subscription.secrets);
  it.az.calls.length = 0;
  const { asked, steps } = await run(it, { answers: ['yes'], location: undefined });
  expect(steps.every(({ ok }) => ok)).toBe(true);
  expect(asked).toHaveLength(1);
  expect(it.az.subscription.secrets).toEqual(before);
  const commands = commandsOf(it.az);
  for (const once of [
    'group create',
    'provider register',
    'keyvault secret set',
    'role assignment create',
    'keyvault recover',
  ])
    expect(commands).not.toContain(once);
});

test('whichever call fails, the next run goes on to the same end', async () => {
  const clean = await start();
  clean.az.subscription.unread = 0;
  await run(clean, { answers: usualAnswers });
  const calls = clean.az.calls.length;
  expect(calls).toBeGreaterThan(30);
  for (let failing = 0; failing < calls; failing++) {
    const it = await start();
    it.az.subscription.unread = 0;
    it.az.refuse = (_call, index) => (index === failing ? '(InternalServerError) Try again later.' : undefined);
    const first = await run(it, { answers: usualAnswers });
    expect(first.last, `call ${failing}`).toMatchObject({
      ok: false,
      found: expect.stringMatching(/Try again|not signed in/),
    });
    const second = await run(it, { answers: usualAnswers });
    expect(
      second.steps.filter(({ ok }) => !ok),
      `call ${failing}`,
    ).toEqual([]);
    const set = it.az.calls.filter(({ command }, index) => command === 'keyvault secret set' && index !== failing);
    expect(set.map(({ options }) => options['name']).sort(), `call ${failing}`).toEqual(
      [...clean.az.subscription.secrets.keys()].sort(),
    );
    expect(it.az.subscription.package).toEqual(clean.az.subscription.package);
  }
});

test.each(['/api/admin/payi-setup', '/api/routes/plan', '/api/usage'])(
  'when %s fails, the next run goes on',
  async (path) => {
    const it = await start();
    it.app.fail = path;
    expect((await run(it, { answers: usualAnswers })).last).toMatchObject({ ok: false, found: 'It broke.' });
    expect((await run(it, { answers: ['yes'] })).last).toMatchObject({ name: 'smoke', ok: true });
  },
);

test('a deployment that an earlier run began is waited for', async () => {
  const it = await start();
  it.az.subscription.deployments.set('trailmeter', 'Running');
  expect((await run(it, { answers: usualAnswers })).last).toMatchObject({ name: 'smoke', ok: true });
  expect(commandsOf(it.az)).toContain('deployment group wait');
});

test.each([
  ['Contributor', [{ actions: ['*'], notActions: ['Microsoft.Authorization/*/Write'] }], 'roleAssignments/write'],
  ['Reader', [{ actions: ['*/read'], notActions: [] }], 'deployments/write'],
])('a %s learns which role is missing before anything is deployed', async (_role, permissions, missing) => {
  const it = await start();
  it.az.subscription.permissions = permissions;
  const { last } = await run(it);
  expect(last).toMatchObject({ name: 'permissions', ok: false, found: expect.stringContaining(missing) });
  expect(last?.found).toContain('Owner');
});

test('a Contributor who may also assign roles is let through', async () => {
  const it = await start();
  it.az.subscription.permissions = [
    { actions: ['*'], notActions: ['Microsoft.Authorization/*/Write'] },
    { actions: ['Microsoft.Authorization/roleAssignments/*', '*/read'], notActions: [] },
  ];
  expect((await run(it, { answers: usualAnswers })).last).toMatchObject({ name: 'smoke', ok: true });
});

test('without a region for a new group, in one without the plan, or without consent nothing is deployed', async () => {
  const it = await start();
  expect((await run(it, { location: undefined })).last?.found).toContain('--location');
  expect((await run(it, { location: 'atlantis' })).last).toMatchObject({ name: 'region', ok: false });
  it.az.subscription.groups.clear();
  expect((await run(it, { answers: ['no'] })).last).toMatchObject({ name: 'preview', ok: false });
  expect((await run(it)).last?.found).toContain('--yes');
  expect(commandsOf(it.az)).not.toContain('deployment group create');
});

test('a package with another hash than the tested one is not deployed', async () => {
  const it = await start();
  const { last } = await run(it, { sha256: '0'.repeat(64) });
  expect(last).toMatchObject({
    name: 'package',
    ok: false,
    found: expect.stringContaining('not the package that was tested'),
  });
  expect(it.az.subscription.groups.size).toBe(0);
});

test('a secret that is neither in the environment nor typed is named', async () => {
  const it = await start();
  const { last } = await run(it, { answers: ['yes'] });
  expect(last).toMatchObject({
    name: 'secrets',
    ok: false,
    found: expect.stringContaining('ANTHROPIC_API_KEY is missing'),
  });
});

test('a value that the app would refuse is not stored, and not repeated', async () => {
  const it = await start();
  vi.stubEnv('ACCESS_KEYS', '{"front-end":{"key":"short"}}');
  const { last } = await run(it, { answers: usualAnswers });
  expect(last).toMatchObject({ name: 'secrets', ok: false, found: expect.stringContaining('ACCESS_KEYS') });
  expect(last?.found).not.toContain('short"');
});

test('what was deleted is deployed again with the secrets of its vault', async () => {
  const it = await start();
  await run(it, { answers: usualAnswers });
  const before = new Map(it.az.subscription.secrets);
  const { az } = it.az;
  let shown: string[] = [];
  const found = await deleteGroup(az, 'a-subscription', GROUP, marks, async (resources) => {
    shown = resources;
  });
  expect(found).toMatch(/^deleted trailmeter-dev with \d+ resources$/);
  expect(shown.length).toBeGreaterThan(20);
  expect(await deleteGroup(az, 'a-subscription', GROUP, marks, async () => {})).toContain('there is no resource group');
  expect((await run(it, { answers: usualAnswers })).last).toMatchObject({ name: 'smoke', ok: true });
  expect(commandsOf(it.az)).toContain('keyvault recover');
  expect(it.az.subscription.secrets).toEqual(before);
});

test('with models of Azure their resource is brought back, and whichever of its calls fails, the next run goes on', async () => {
  for (const failing of ['cognitiveservices account list-deleted', 'cognitiveservices account recover']) {
    const it = await start();
    it.az.subscription.servesModels = true;
    it.az.subscription.unread = 0;
    expect((await run(it, { answers: usualAnswers })).last).toMatchObject({ name: 'smoke', ok: true });
    expect(it.az.subscription.registered).toContain('Microsoft.CognitiveServices');
    await deleteGroup(it.az.az, 'a-subscription', GROUP, marks, async () => {});
    let isRefused = false;
    it.az.refuse = ({ command }) => {
      if (command !== failing || isRefused) return undefined;
      isRefused = true;
      return '(InternalServerError) Try again later.';
    };
    expect((await run(it, { answers: usualAnswers })).last).toMatchObject({ name: 'models', ok: false });
    const { steps, last } = await run(it, { answers: usualAnswers });
    expect(last).toMatchObject({ name: 'smoke', ok: true });
    expect(steps).toContainEqual({ name: 'models', ok: true, found: 'recovered ai-trailmeter-dev-abc' });
  }
});

test('a group that the command did not create is not deleted', async () => {
  const it = await start();
  it.az.subscription.groups.set(GROUP, { location: 'westeurope', tags: { team: 'trails' } });
  const { az } = it.az;
  await expect(deleteGroup(az, 'a-subscription', GROUP, marks, async () => {})).rejects.toThrow('Delete it yourself');
  expect(it.az.subscription.groups.size).toBe(1);
});
