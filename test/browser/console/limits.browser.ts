import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../../infra/local/stack.ts';
import { startBrowser } from '../browser.ts';
import { seriousFaults } from './axe.ts';
import { openConsole, overflowOf, takeScreens } from './console-page.ts';
import { ADMIN_KEY, startConsoleStack, USER_KEY } from './console-stack.ts';

let stack: Stack;
let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
  stack = await startConsoleStack();
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const policyRow = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Policies' }).first().locator('tbody tr', { hasText: name });

async function policyAtServer(name: string): Promise<Record<string, unknown> | undefined> {
  const answer = await fetch(`${stack.url}/api/limit-policies`, { headers: { 'x-functions-key': ADMIN_KEY } });
  const { data } = (await answer.json()) as { data: { policies: Record<string, unknown>[] } };
  return data.policies.find((policy) => policy['name'] === name);
}

describe('limits', () => {
  test('shows a limit that was reached, who was refused, and the figures of each limit', async () => {
    const { page, faults } = await openConsole(browser, stack.url, 'limits', ADMIN_KEY);
    const gauge = page.locator('.gauge', { hasText: 'daily-budget' });
    await gauge.getByText('ok', { exact: true }).waitFor();
    await page.locator('.gauge', { hasText: 'reached' }).first().getByText('was refused').waitFor();
    await page.getByRole('cell', { name: 'trail_finder' }).first().waitFor({ timeout: 30_000 });
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'limits');
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });

  test('creates, changes and deletes a policy, the difference first', async () => {
    const { page, faults } = await openConsole(browser, stack.url, 'limits', ADMIN_KEY);
    await page.getByRole('button', { name: 'New policy …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('made-here');
    await dialog.getByLabel('Scope').selectOption('account');
    await dialog.getByLabel('Maximum', { exact: true }).fill('12.5');
    await dialog.getByLabel('Threshold in %').fill('80');
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'limits-create');
    await dialog.getByRole('button', { name: 'Show the difference' }).click();
    await dialog.getByRole('row', { name: 'maxUsd – 12.5' }).waitFor();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('status').getByText('Created made-here.').waitFor();
    expect(await policyAtServer('made-here')).toMatchObject({ scope: 'account', maxUsd: 12.5, threshold: 0.8 });

    await policyRow(page, 'made-here').getByText('$12.50').waitFor();
    await policyRow(page, 'made-here').getByRole('button', { name: 'Change' }).click();
    await dialog.getByLabel('Maximum', { exact: true }).fill('20');
    await dialog.getByLabel('Threshold in %').fill('');
    await dialog.getByRole('button', { name: 'Show the difference' }).click();
    await dialog.getByRole('row', { name: 'maxUsd 12.5 20' }).waitFor();
    await dialog.getByRole('row', { name: 'threshold 0.8 –' }).waitFor();
    await takeScreens(page, 'limits-difference');
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByRole('status').getByText('Changed made-here.').waitFor();
    const changed = await policyAtServer('made-here');
    expect(changed).toMatchObject({ maxUsd: 20 });
    expect(changed).not.toHaveProperty('threshold');

    // Only then it is known which state would be deleted.
    await policyRow(page, 'made-here').getByText('$20.00').waitFor();
    await policyRow(page, 'made-here').getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('status').getByText('Deleted made-here.').waitFor();
    expect(await policyAtServer('made-here')).toBeUndefined();
    await page.getByRole('region', { name: 'Changes' }).first().getByText('maxUsd: 12.5 → 20').waitFor();

    await page.getByRole('button', { name: 'Undo the change of made-here' }).click();
    await dialog.getByRole('row', { name: 'maxUsd – 20' }).waitFor();
    await dialog.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('status').getByText('Took back the last change of made-here.').waitFor();
    expect(await policyAtServer('made-here')).toMatchObject({ maxUsd: 20 });
    expect(faults).toEqual([]);
  });

  test('says why the app refuses a policy', async () => {
    const { page } = await openConsole(browser, stack.url, 'limits', ADMIN_KEY);
    await page.getByRole('button', { name: 'New policy …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('daily-budget');
    await dialog.getByRole('button', { name: 'Show the difference' }).click();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByRole('alert').getByText('daily-budget').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  test('opens a limit by its address, and resets one without a window', async () => {
    await fetch(`${stack.url}/api/limits`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-functions-key': ADMIN_KEY },
      body: JSON.stringify({ name: 'total', scope: 'global', window: 'none', maxUsd: 3, type: 'allow' }),
    });
    const called = await fetch(`${stack.url}/api/trail-finder/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-functions-key': USER_KEY, 'x-user-id': 'reset-test' },
      body: JSON.stringify({ location: 'Moab, Utah', searchRadius: 50 }),
    });
    expect(called.status).toBe(200);
    const { page } = await openConsole(browser, stack.url, 'limits?id=total%3Aalways', ADMIN_KEY);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('when an admin resets it').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'limits-one');
    await dialog.getByRole('button', { name: 'Reset …' }).click();
    await dialog.getByRole('button', { name: 'Reset', exact: true }).click();
    await page.getByRole('status').getByText('Reset total:always.').waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test('a user sees own limits, and of shared ones only whether they have room', async () => {
    const { page } = await openConsole(browser, stack.url, 'limits', USER_KEY);
    await page.getByText('has room').first().waitFor();
    expect(await page.getByRole('button', { name: 'New policy …' }).count()).toBe(0);
    await takeScreens(page, 'limits-user');
  });
});
