import { describe, expect, test } from 'vitest';
import { withBrowser } from '../with-browser.ts';
import { seriousFaults } from './axe.ts';
import { openConsole, overflowOf, takeScreens } from './console-page.ts';
import { ADMIN_KEY, startConsoleStack, USER_KEY } from './console-stack.ts';
import { createPolicy, limitsAtServer, policyAtServer, policyRow } from './limits-at-server.ts';

const world = withBrowser(startConsoleStack);

/** A call of the trail finder by a user. */
async function callAs(user: string): Promise<void> {
  const answer = await fetch(`${world.stack.url}/api/trail-finder/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-functions-key': USER_KEY, 'x-user-id': user },
    body: JSON.stringify({ location: 'Moab, Utah', searchRadius: 50 }),
  });
  expect(answer.status).toBe(200);
}

describe('limits', () => {
  test('shows a limit that was reached, who was refused, and the figures of each limit', async () => {
    const { page, faults } = await openConsole(world, 'limits', ADMIN_KEY);
    const gauge = page.locator('.gauge', { hasText: 'daily-budget' });
    await gauge.getByText('ok', { exact: true }).waitFor();
    await page.locator('.gauge', { hasText: 'reached' }).first().getByText('was refused').waitFor();
    await page.getByRole('link', { name: 'lee · user-daily' }).waitFor();
    await page.getByRole('cell', { name: 'trail_finder' }).first().waitFor();
    const why = page.locator('td', { hasText: /^lee · user-daily: a call needed \$0\.\d+, \$0\.\d+ are left/ });
    await why.waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'limits');
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });

  test('creates, changes and deletes a policy, the difference first', async () => {
    const { page, faults } = await openConsole(world, 'limits', ADMIN_KEY);
    await page.getByRole('button', { name: 'New policy …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('made-here');
    await dialog.getByLabel('Scope').selectOption('account');
    await dialog.getByLabel('Maximum in USD').fill('12.5');
    await dialog.getByLabel('Other maxima').fill('Acme = 40');
    await dialog.getByLabel('Threshold in %').fill('80');
    await dialog.getByLabel('Alerts at %').fill('50, 80');
    await dialog.getByText('Nobody gets them').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'limits-create');
    await dialog.getByRole('button', { name: 'Show the difference' }).click();
    await dialog.getByRole('row', { name: 'maxUsd – 12.5' }).waitFor();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('status').getByText('Created made-here.').waitFor();
    expect(await policyAtServer(world.stack, 'made-here')).toMatchObject({
      scope: 'account',
      maxUsd: 12.5,
      maxima: { Acme: 40 },
      threshold: 0.8,
      alerts: [0.5, 0.8],
    });

    await policyRow(page, 'made-here').getByText('$12.50').waitFor();
    await policyRow(page, 'made-here').getByRole('button', { name: 'Change' }).click();
    await dialog.getByLabel('Maximum in USD').fill('20');
    await dialog.getByLabel('Threshold in %').fill('');
    await dialog.getByRole('button', { name: 'Show the difference' }).click();
    await dialog.getByRole('row', { name: 'maxUsd 12.5 20' }).waitFor();
    await dialog.getByRole('row', { name: 'threshold 0.8 –' }).waitFor();
    expect(await dialog.getByRole('row', { name: 'alerts' }).count()).toBe(0);
    await takeScreens(page, 'limits-difference');
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByRole('status').getByText('Changed made-here.').waitFor();
    const changed = await policyAtServer(world.stack, 'made-here');
    expect(changed).toMatchObject({ maxUsd: 20 });
    expect(changed).not.toHaveProperty('threshold');

    // Only then it is known which state would be deleted.
    await policyRow(page, 'made-here').getByText('$20.00').waitFor();
    await policyRow(page, 'made-here').getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('status').getByText('Deleted made-here.').waitFor();
    expect(await policyAtServer(world.stack, 'made-here')).toBeUndefined();
    await page.getByRole('region', { name: 'Changes' }).first().getByText('maxUsd: 12.5 → 20').waitFor();

    await page.getByRole('cell', { name: 'deleted', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo the change of made-here' }).click();
    await dialog.getByRole('row', { name: 'maxUsd – 20' }).waitFor();
    await dialog.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('status').getByText('Took back the last change of made-here.').waitFor();
    expect(await policyAtServer(world.stack, 'made-here')).toMatchObject({ maxUsd: 20 });
    expect(faults).toEqual([]);
  });

  test('says why the app refuses a policy', async () => {
    const { page } = await openConsole(world, 'limits', ADMIN_KEY);
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
    await createPolicy(world.stack, { name: 'total', scope: 'global', window: 'none', maxUsd: 3, type: 'allow' });
    await callAs('reset-test');
    const { page } = await openConsole(world, 'limits?id=total%3Aalways', ADMIN_KEY);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('when an admin resets it').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'limits-one');
    await dialog.getByRole('button', { name: 'Reset …' }).click();
    await dialog.getByRole('button', { name: 'Reset', exact: true }).click();
    await page.getByRole('status').getByText('Reset total:always.').waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test('corrects what is booked for calls whose process died', async () => {
    const { page, faults } = await openConsole(world, 'limits', ADMIN_KEY);
    const id = String((await limitsAtServer(world.stack)).find(({ policy }) => policy === 'daily-budget')?.['limitId']);
    await page.route(`**/api/limits/${encodeURIComponent(id)}`, async (route) => {
      const answer = await route.fetch();
      const { data } = (await answer.json()) as { data: object };
      await route.fulfill({ response: answer, json: { success: true, data: { ...data, abandonedUsd: 0.3 } } });
    });
    const sent: unknown[] = [];
    await page.route('**/correct', async (route) => {
      sent.push(route.request().postDataJSON());
      await route.fulfill({ json: { success: true, data: {} } });
    });
    await page.goto(`${world.stack.url}/console/limits?id=${encodeURIComponent(id)}`);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('$0.30 are booked for calls whose process died').waitFor();
    await dialog.getByLabel('They took, in USD').fill('0.12');
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'limits-correct');
    await dialog.getByRole('button', { name: 'Correct' }).click();
    await page.getByRole('status').getByText(`Corrected ${id}.`).waitFor();
    expect(sent).toEqual([{ abandonedUsd: 0.3, actualUsd: 0.12 }]);
    expect(faults).toEqual([]);
  });

  test('makes a policy of requests by the calendar of a zone, and shows how full it is', async () => {
    const { page, faults } = await openConsole(world, 'limits', ADMIN_KEY);
    await page.getByRole('button', { name: 'New policy …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('few-requests');
    await dialog.getByLabel('Scope').selectOption('property');
    await dialog.getByLabel('Property').waitFor();
    await dialog.getByLabel('Scope').selectOption('global');
    await dialog.getByLabel('Unit').selectOption('requests');
    await dialog.getByLabel('Maximum of requests').fill('3');
    await dialog.getByLabel('Window').selectOption('month');
    await dialog.getByLabel('Begins on day').fill('5');
    await dialog.getByLabel('Begins at hour').fill('6');
    await dialog.getByLabel('Time zone').fill('Europe/Berlin');
    await dialog.getByLabel('Type').selectOption('allow');
    await dialog.getByLabel('Use cases').fill('trail_finder');
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'limits-create-calendar');
    await dialog.getByRole('button', { name: 'Show the difference' }).click();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('status').getByText('Created few-requests.').waitFor();
    const made = await policyAtServer(world.stack, 'few-requests');
    expect(made).toMatchObject({ scope: 'global', unit: 'requests', max: 3, window: 'month', zone: 'Europe/Berlin' });
    expect(made).toMatchObject({ start: { day: 5, hour: 6 }, useCases: ['trail_finder'] });
    expect(made).not.toHaveProperty('maxUsd');

    await callAs('counted-user');
    const gauge = page.locator('.gauge', { hasText: 'few-requests' });
    await gauge.getByText('1 of 3 requests spent').waitFor();
    await takeScreens(page, 'limits-units');
    await gauge.getByRole('link').click();
    await dialog.getByText('1 request', { exact: true }).waitFor();
    expect(faults).toEqual([]);
  });

  test('resets all limits of a policy', async () => {
    await createPolicy(world.stack, {
      name: 'each-total',
      scope: 'user',
      window: 'none',
      unit: 'tokens',
      max: 9_000_000,
      type: 'allow',
    });
    await callAs('one-of-two');
    await callAs('other-of-two');
    const { page } = await openConsole(world, 'limits', ADMIN_KEY);
    await policyRow(page, 'each-total').getByRole('button', { name: 'Reset' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset', exact: true }).click();
    await page.getByRole('status').getByText('Reset all limits of each-total.').waitFor();
    const limits = (await limitsAtServer(world.stack)).filter(({ policy }) => policy === 'each-total');
    expect(limits.map(({ spent }) => spent)).toEqual([0, 0]);
  });

  test('a user sees own limits, and of shared ones only whether they have room', async () => {
    const { page } = await openConsole(world, 'limits', USER_KEY);
    await page.getByText('has room').first().waitFor();
    expect(await page.getByRole('button', { name: 'New policy …' }).count()).toBe(0);
    await takeScreens(page, 'limits-user');
  });
});
