import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describePlan } from '../../infra/cli/limits/describe-plan.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { policySchema } from '../../shared/limits/policies/policy.ts';

const KEY = 'a-key-of-an-operator';
const project = fileURLToPath(new URL('../../', import.meta.url));
const daily = { name: 'daily', scope: 'global', window: 'day', maxUsd: 50, type: 'block' };
const each = { name: 'each', scope: 'user', window: 'day', maxUsd: 5, type: 'block' };

let stack: Stack;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trailmeter-limits-'));
  stack = await startStack({
    settings: {
      ACCESS_KEYS: JSON.stringify({ operator: { key: KEY, role: 'admin' } }),
      LIMITS: JSON.stringify([daily, each]),
    },
  });
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

/** The JSON that `npm run limits` prints. */
async function limits(...args: string[]) {
  const command = ['--import', 'tsx', 'infra/cli/limits/main.ts', ...args, '--json', '--url', stack.url, '--key', KEY];
  const child = spawn(process.execPath, command, { cwd: project, stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  await once(child, 'close');
  return JSON.parse(said);
}

async function fileWith(content: unknown): Promise<string> {
  const file = join(folder, 'limits.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

test('npm run limits shows the difference to a file, and makes the policies those of the file', async () => {
  expect((await limits('show')).policies).toMatchObject([daily, each]);
  const file = await fileWith([
    { ...daily, maxUsd: 40 },
    { ...each, name: 'account', scope: 'account' },
  ]);
  const planned = await limits('plan', file);
  const changes = [
    { name: 'daily', change: 'update', before: { maxUsd: 50 }, after: { maxUsd: 40 } },
    { name: 'each', change: 'delete', after: null },
    { name: 'account', change: 'create', before: null },
  ];
  expect(planned).toMatchObject({ ok: true, changes });
  // Nothing is deleted unless it is asked for.
  expect(await limits('apply', file)).toMatchObject({
    ok: false,
    error: expect.stringContaining('each would be deleted'),
  });
  expect((await limits('show')).policies).toMatchObject([daily, each]);
  expect(await limits('apply', file, '--delete')).toMatchObject({ ok: true, changes });
  expect((await limits('show')).policies).toMatchObject([{ maxUsd: 40 }, { name: 'account' }]);
  expect(await limits('plan', file)).toEqual({ ok: true, changes: [] });
  expect(await limits('plan', await fileWith('{'))).toMatchObject({
    ok: false,
    error: expect.stringContaining('not JSON'),
  });
  const wrong = await fileWith([{ ...daily, maxUsd: 'much' }]);
  expect(await limits('plan', wrong)).toMatchObject({ ok: false, error: expect.stringContaining('policies.0.maxUsd') });
});

test('a plan names each member before and after', () => {
  const policy = (more: object) => policySchema.parse({ ...daily, ...more });
  expect(
    describePlan([
      {
        name: 'daily',
        change: 'update',
        before: policy({ threshold: 0.8 }),
        after: policy({ maxUsd: 40, useCases: ['a'] }),
      },
      { name: 'each', change: 'delete', before: policy({}), after: null },
    ]),
  ).toEqual(['~ daily', '    maxUsd: 50 → 40', '    threshold: 0.8 → absent', '    useCases: ["a"]', '- each']);
  expect(describePlan([])).toEqual(['The policies are as the file says.']);
});
