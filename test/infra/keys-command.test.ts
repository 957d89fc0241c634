import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';

const KEY = 'a-key-of-an-operator';
const project = fileURLToPath(new URL('../../', import.meta.url));

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ settings: { ACCESS_KEYS: JSON.stringify({ operator: { key: KEY, role: 'admin' } }) } });
});
afterAll(() => stack.close());

/** The JSON that `npm run keys` prints. */
async function keys(...args: string[]) {
  const command = ['--import', 'tsx', 'infra/cli/keys.ts', ...args, '--json', '--url', stack.url, '--key', KEY];
  const child = spawn(process.execPath, command, { cwd: project, stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  await once(child, 'close');
  return JSON.parse(said);
}

const limitsWith = async (key: string): Promise<number> =>
  (await fetch(`${stack.url}/api/limits`, { headers: { 'x-functions-key': key } })).status;

async function auditLog(query: string) {
  const answer = await fetch(`${stack.url}/api/admin/audit-log?${query}`, { headers: { 'x-functions-key': KEY } });
  const { data } = (await answer.json()) as {
    data: { changes: { action: string; outcome: string }[]; next: string | null };
  };
  return data;
}

test('npm run keys makes, changes, shows and revokes a key of the running app', async () => {
  const made = await keys('create', 'partner', '--use-cases', 'trail_finder,trail_analysis', '--account', 'Acme');
  expect(made).toMatchObject({
    ok: true,
    key: expect.stringMatching(/^tmk_partner_/),
    keys: [{ name: 'partner', account: 'Acme', useCases: ['trail_finder', 'trail_analysis'] }],
  });
  expect(await limitsWith(made.key)).toBe(200);
  const changed = await keys('change', 'partner', '--account', '', '--routes', 'POST /api/trail-finder/search');
  expect(changed.keys[0]).not.toHaveProperty('account');
  expect(await limitsWith(made.key)).toBe(403);
  expect(await keys('change', 'partner', '--names-users', 'maybe')).toMatchObject({ ok: false });
  expect((await keys('list')).keys).toEqual(changed.keys);
  expect(await keys('revoke', 'partner')).toMatchObject({ ok: true, keys: [{ state: 'revoked' }] });
  expect(await limitsWith(made.key)).toBe(401);
  const first = await auditLog('target=partner&most=2');
  const second = await auditLog(`target=partner&olderThan=${first.next}`);
  const actions = [...first.changes, ...second.changes].map(({ action, outcome }) => `${action} ${outcome}`);
  expect(actions).toEqual(['revoke-key done', 'change-key done', 'create-key done']);
});
