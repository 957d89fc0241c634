import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { startStack } from '../../../infra/local/stack.ts';
import { openPage } from '../browser.ts';
import { withBrowser } from '../with-browser.ts';
import { seriousFaults } from './axe.ts';
import { openConsole, overflowOf, signIn, takeScreens } from './console-page.ts';
import { ADMIN_KEY, keySettings, USER_KEY } from './console-stack.ts';

const asking = { scope: 'user', window: 'none', type: 'ask' };
const policies = [
  { ...asking, name: 'one-search', unit: 'requests', max: 1, useCases: ['trail_finder'] },
  { ...asking, name: 'tiny', maxUsd: 0.000001, useCases: ['trail_planner'] },
];

const world = withBrowser(() =>
  startStack({ settings: { ...keySettings, JUDGE_SAMPLE_RATE: '0', LIMITS: JSON.stringify(policies) } }),
);

interface Answer {
  status: number;
  code?: string;
  approval?: { id: string; state: string; console: string };
}

async function callAs(user: string, path: string, body: object): Promise<Answer> {
  const answer = await fetch(`${world.stack.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-functions-key': USER_KEY, 'x-user-id': user },
    body: JSON.stringify(body),
  });
  const { code, details } = (await answer.json()) as { code?: string; details?: { approval?: Answer['approval'] } };
  return { status: answer.status, ...(code && { code }), ...(details?.approval && { approval: details.approval }) };
}
const search = (user: string) => callAs(user, '/api/trail-finder/search', { location: 'Moab, Utah', searchRadius: 50 });
const plan = (user: string) =>
  callAs(user, '/api/routes/plan', { startLocation: 'Barstow, CA', endLocation: 'Needles, CA', durationDays: 3 });

const decide = (id: string, decision: string, key = ADMIN_KEY) =>
  fetch(`${world.stack.url}/api/admin/approvals/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-functions-key': key, 'if-match': '*' },
    body: JSON.stringify({ decision }),
  });

const approvals = (page: Page) => page.getByRole('region', { name: 'Approvals', exact: true });
const rowOf = (page: Page, user: string) => approvals(page).locator('tbody tr', { hasText: user });
const gaugeOf = (page: Page, title: string) => page.locator('.gauge', { hasText: title });

describe('approvals', () => {
  test('a refused call waits with who, where and how much; approved, it passes once', async () => {
    expect((await search('kim')).status).toBe(200);
    const refused = await search('kim');
    expect(refused).toMatchObject({ status: 402, code: 'limit_reached', approval: { state: 'pending' } });
    // As the refusal links to it.
    const { page, faults } = await openPage(world.browser, `${world.stack.url}${refused.approval?.console}`, [
      new URL(world.stack.url).host,
    ]);
    await signIn(page, ADMIN_KEY);
    faults.length = 0;
    const row = rowOf(page, 'kim');
    for (const text of ['kim', 'trail_finder', 'one-search', '1 request', 'linked'])
      await row.getByText(text, { exact: true }).waitFor();
    await gaugeOf(page, 'kim · one-search').getByText('1 of 1 request spent').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'approvals');
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);

    await row.getByRole('button', { name: 'Approve the call of kim at one-search' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('kim asks for 1 request more at one-search, for trail_finder.').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'approvals-approve');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('status').getByText('Approved what kim asked for.').waitFor();
    await approvals(page).getByText('Nobody waits for an approval.').waitFor();
    expect(new URL(page.url()).search).toBe('');
    await gaugeOf(page, 'kim · one-search').getByText('1 of 2 requests spent').waitFor();

    expect((await search('kim')).status).toBe(200);
    await gaugeOf(page, 'kim · one-search').getByText('2 of 2 requests spent').waitFor();
    const again = await search('kim');
    expect(again).toMatchObject({ status: 402, approval: { state: 'pending' } });
    expect(again.approval?.id).not.toBe(refused.approval?.id);
    await row.waitFor();
    // What it was for others, it still is.
    expect([(await search('sam')).status, (await search('sam')).status]).toEqual([200, 402]);

    await page.goto(`${world.stack.url}/console/administration?part=audit-log`);
    const entry = page.getByRole('row', { name: 'decide-approval' }).filter({ hasText: refused.approval?.id ?? '' });
    await entry.getByText('done', { exact: true }).waitFor();
    await entry.getByRole('button', { name: /^Show / }).click();
    await dialog.getByText('approved', { exact: true }).waitFor();
    expect(faults).toEqual([]);
  });

  test('denied, it stays refused, and the limit as it was', async () => {
    const refused = await plan('lee');
    expect(refused).toMatchObject({ status: 402, approval: { state: 'pending' } });
    const { page, faults } = await openConsole(world, 'limits', ADMIN_KEY);
    await rowOf(page, 'lee')
      .getByText(/^\$0\.\d+$/)
      .waitFor();
    const gauge = gaugeOf(page, 'lee · tiny');
    const amounts = await gauge.locator('.amounts').innerText();
    await rowOf(page, 'lee').getByRole('button', { name: 'Deny the call of lee at tiny' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Calls like this stay refused').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('status').getByText('Denied what lee asked for.').waitFor();
    await rowOf(page, 'lee').waitFor({ state: 'detached' });
    expect(await plan('lee')).toMatchObject({ status: 402, approval: { id: refused.approval?.id, state: 'denied' } });
    await page.getByRole('button', { name: 'Load Approvals again' }).click();
    await approvals(page).and(page.locator('[aria-busy=false]')).waitFor();
    expect(await rowOf(page, 'lee').count()).toBe(0);
    expect(await gauge.locator('.amounts').innerText()).toBe(amounts);
    expect(faults).toEqual([]);
  });

  test('says that another admin has decided meanwhile, and that a linked approval is decided', async () => {
    const { approval } = await plan('ann');
    const { page } = await openConsole(world, 'limits', ADMIN_KEY);
    await rowOf(page, 'ann').getByRole('button', { name: 'Approve the call of ann at tiny' }).click();
    expect((await decide(approval?.id ?? '', 'deny')).status).toBe(200);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await dialog.getByRole('alert').getByText('precondition_failed').waitFor();
    await page.keyboard.press('Escape');
    await page.goto(`${world.stack.url}${approval?.console}`);
    await approvals(page).getByText('is not pending: it was decided').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(await plan('ann')).toMatchObject({ status: 402, approval: { state: 'denied' } });
  });

  test('are not shown to a user, who can decide none', async () => {
    const { approval } = await plan('user');
    const { page } = await openConsole(world, 'try-it', USER_KEY);
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
    await page.goto(`${world.stack.url}${approval?.console}`);
    await page.getByRole('region', { name: 'Limits', exact: true }).getByText('as of').waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.getByRole('region', { name: 'Approvals' }).count()).toBe(0);
    expect(await page.getByRole('region', { name: 'Alerts that were given up' }).count()).toBe(0);
    expect(asked.filter((path) => path.startsWith('/api/admin/'))).toEqual([]);
    expect((await decide(approval?.id ?? '', 'approve', USER_KEY)).status).toBe(403);
    expect((await plan('user')).status).toBe(402);
  });
});
