import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { startStack } from '../../../infra/local/stack.ts';
import type { AlertRow } from '../../../shared/limits/alerts/alert-outbox.ts';
import { webhookReceiver } from '../../../shared/limits/alerts/alert-receivers.ts';
import { openTables } from '../../../shared/tables/open.ts';
import type { Table } from '../../../shared/tables/table.ts';
import { withBrowser } from '../with-browser.ts';
import { seriousFaults } from './axe.ts';
import { openConsole, overflowOf, takeScreens } from './console-page.ts';
import { ADMIN_KEY, keySettings } from './console-stack.ts';

/** What the target took, by the id of the alert. */
const taken: string[] = [];
const hook = createServer(async (request, response) => {
  taken.push(((await json(request)) as { id: string }).id);
  response.writeHead(204).end();
});

let target: string;
let table: Table<AlertRow>;
const world = withBrowser(async () => {
  await once(hook.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  target = webhookReceiver({ url, format: 'json' }).name;
  const stack = await startStack({
    settings: { ...keySettings, LIMIT_WEBHOOK_URL: url, LIMIT_WEBHOOK_PRIVATE: 'true', TABLE_PREFIX: 'console' },
  });
  const tables = openTables({ connection: stack.settings['TablesConnection'], prefix: 'console' });
  table = tables.open<AlertRow>('limitalerts');
  return stack;
});
afterAll(() => void hook.close());

const keyOf = (id: string): string => `msg_${id}!${target}`;

/** An alert that its target did not take for a day. */
const giveUp = (id: string, lastError: string): Promise<unknown> =>
  table.insert({
    partitionKey: 'alerts',
    rowKey: `dead!${keyOf(id)}`,
    limitId: `daily-budget:${id}`,
    target,
    alert: JSON.stringify({
      event: 'approval-asked',
      id,
      limitId: `daily-budget:${id}`,
      policy: 'daily-budget',
      useCase: 'trail_finder',
      at: new Date().toISOString(),
      until: new Date().toISOString(),
      unit: 'usd',
      amountUsd: 0.02,
    }),
    attempts: 12,
    dueAtMs: 0,
    createdAt: new Date(),
    lastError,
  });

const isOnItsWay = async (id: string): Promise<boolean> =>
  taken.includes(id) || (await table.get('alerts', `due!${keyOf(id)}`)) !== undefined;

test('lists alerts that were given up, and sends one and all of them again', async () => {
  await giveUp('one', 'status 500');
  await giveUp('two', 'status <b>404</b>');
  await giveUp('three', 'status 410');
  const { page, faults } = await openConsole(world, 'limits', ADMIN_KEY);
  const panel = page.getByRole('region', { name: 'Alerts that were given up' }).first();
  const row = panel.locator('tbody tr', { hasText: 'daily-budget:two' });
  for (const text of ['approval-asked', 'daily-budget:two', target, '12', 'status <b>404</b>'])
    await row.getByText(text, { exact: true }).waitFor();
  expect(await panel.locator('tbody tr').count()).toBe(3);
  expect(await seriousFaults(page)).toEqual([]);
  await takeScreens(page, 'alerts');
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(() => overflowOf(page)).toBe(0);

  await row.getByRole('button', { name: 'Send again the alert of daily-budget:two' }).click();
  await page.getByRole('status').getByText('1 alert goes out again within a minute.').waitFor();
  await row.waitFor({ state: 'detached' });
  expect(await isOnItsWay('two')).toBe(true);
  expect(await panel.locator('tbody tr').count()).toBe(2);

  // Another admin is faster with one of them.
  await page.route('**/api/admin/alerts/replay', async (route) => {
    await fetch(`${world.stack.url}/api/admin/alerts/replay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-functions-key': ADMIN_KEY },
      body: JSON.stringify({ ids: [keyOf('one')] }),
    });
    await route.continue();
  });
  await panel.getByRole('button', { name: 'Send all again' }).click();
  await page
    .getByRole('status')
    .getByText('1 alert goes out again within a minute. 1 was sent again already.')
    .waitFor();
  await panel.getByText('No alert was given up.').waitFor();
  expect([await isOnItsWay('one'), await isOnItsWay('three')]).toEqual([true, true]);
  expect(await panel.getByRole('button', { name: 'Send all again' }).count()).toBe(0);

  await page.goto(`${world.stack.url}/console/administration?part=audit-log`);
  expect(await page.getByRole('row', { name: 'replay-alerts' }).first().innerText()).toContain('done');
  expect(faults).toEqual([]);
});

test('says why an alert could not be sent again', async () => {
  await giveUp('four', 'status 500');
  const { page } = await openConsole(world, 'limits', ADMIN_KEY);
  const panel = page.getByRole('region', { name: 'Alerts that were given up' }).first();
  await page.route('**/api/admin/alerts/replay', (route) => route.abort());
  await panel.getByRole('button', { name: 'Send all again' }).click();
  await panel.getByRole('alert').getByText('could not be reached').waitFor();
  await panel.getByRole('cell', { name: 'daily-budget:four', exact: true }).waitFor();
});
