import { describe, expect, test } from 'vitest';
import { startStack } from '../../../infra/local/stack.ts';
import { openPage } from '../browser.ts';
import { withBrowser } from '../with-browser.ts';
import { seriousFaults } from './axe.ts';
import { openConsole, overflowOf, signIn, takeScreens } from './console-page.ts';
import { ADMIN_KEY, keySettings, USER_KEY } from './console-stack.ts';

const CANARY = 'canary-of-a-secret-0123456789';

const world = withBrowser(() => startStack({ settings: { ...keySettings, XAI_API_KEY: CANARY } }));

const callerStatus = async (key: string): Promise<number> =>
  (await fetch(`${world.stack.url}/api/caller`, { headers: { 'x-functions-key': key } })).status;

describe('administration', () => {
  test('creates an access key, shows it once, rotates and revokes it', async () => {
    const { page, faults } = await openConsole(world, 'administration', ADMIN_KEY);
    await page.getByRole('button', { name: 'New key …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('robot');
    await dialog.getByLabel('Routes').fill('GET /api/caller\nPOST /api/analyze');
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'keys-create');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('it is not shown again').waitFor();
    const first = await dialog.locator('code').innerText();
    expect(await callerStatus(first)).toBe(200);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('cell', { name: 'GET /api/caller, POST' }).waitFor();
    await takeScreens(page, 'keys');

    await page.getByRole('button', { name: 'Change robot' }).click();
    await dialog.getByLabel('Account').fill('team-a');
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByRole('cell', { name: 'team-a' }).waitFor();

    await page.getByRole('button', { name: 'Rotate robot' }).click();
    await dialog.getByRole('button', { name: 'Rotate' }).click();
    await dialog.getByText('it is not shown again').waitFor();
    const second = await dialog.locator('code').innerText();
    expect([await callerStatus(first), await callerStatus(second)]).toEqual([200, 200]);
    await dialog.getByRole('button', { name: 'Done' }).click();

    const robot = await openPage(world.browser, `${world.stack.url}/console`, [new URL(world.stack.url).host]);
    await signIn(robot.page, second);
    await page.getByRole('button', { name: 'Revoke robot' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('cell', { name: 'revoked' }).waitFor();
    await expect.poll(() => callerStatus(second)).toBe(401);
    // The page of its user says so and asks for another key.
    await robot.page.reload();
    await robot.page.getByLabel('Access key or token').waitFor();
    expect(faults).toEqual([]);
  });

  test('shows what a set-up would change at Pay-i, and does it', async () => {
    const { page, faults } = await openConsole(world, 'administration?part=set-up', ADMIN_KEY);
    await page.getByRole('cell', { name: 'trail_finder', exact: true }).first().waitFor();
    const setUp = page.getByRole('button', { name: 'Set up', exact: true });
    if (await setUp.isEnabled()) {
      await setUp.click();
      await page.getByRole('region', { name: 'What was set up' }).first().waitFor();
    }
    await page.getByText('Everything at Pay-i is as it is declared.').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'set-up');
    expect(faults).toEqual([]);
  });

  test('shows the doctor’s checks and what admins changed', async () => {
    const { page, faults } = await openConsole(world, 'administration?part=doctor', ADMIN_KEY);
    await page.getByText('settings', { exact: true }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'doctor');
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('cell', { name: 'revoke-key' }).first().waitFor();
    await takeScreens(page, 'audit-log');
    await page
      .getByRole('button', { name: /^Show / })
      .first()
      .click();
    await page.getByRole('dialog').getByText('Request id').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  test('shows the settings without secrets', async () => {
    const { page, faults } = await openConsole(world, 'administration?part=settings', ADMIN_KEY);
    await page.getByRole('row', { name: 'XAI_API_KEY secret' }).waitFor();
    expect(await page.content()).not.toContain(CANARY);
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'settings');
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });

  test('is not shown to a user', async () => {
    const { page } = await openConsole(world, 'administration', USER_KEY);
    await page.getByText('There is no such view, or it is for admins alone.').waitFor();
  });
});
