import { describe, expect, test } from 'vitest';
import { withBrowser } from '../with-browser.ts';
import { seriousFaults } from './axe.ts';
import { openConsole, takeScreens } from './console-page.ts';
import { ADMIN_KEY, startConsoleStack } from './console-stack.ts';
import { createPolicy, overridesAtServer, policyRow } from './limits-at-server.ts';

const world = withBrowser(startConsoleStack);

describe('overrides', () => {
  test('raises the maximum of one user for a time, the difference first, takes it back, changes and removes it', async () => {
    const { page, faults } = await openConsole(world, 'limits', ADMIN_KEY);
    const gauge = page.locator('.gauge', { hasText: 'lee · user-daily' });
    await gauge.getByRole('link').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Another maximum …' }).click();
    expect(new URL(page.url()).search).toBe('?overrides=user-daily&for=lee');
    expect(await dialog.getByLabel('User').inputValue()).toBe('lee');
    // For a day, unless the admin says otherwise.
    expect(await dialog.getByLabel('Until').inputValue()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
    await dialog.getByLabel('Maximum in USD').fill('3');
    await dialog.getByLabel('Until').fill('2099-01-05T08:30');
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'limits-override');
    await dialog.getByRole('button', { name: 'Show the difference' }).click();
    await dialog.getByRole('row', { name: 'maximum $0.75 $3.00' }).waitFor();
    await dialog.getByRole('row', { name: 'until – Jan 5, 2099' }).waitFor();
    await takeScreens(page, 'limits-override-difference');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await dialog.getByRole('status').getByText('Set the maximum of lee.').waitFor();
    expect(await overridesAtServer(world.stack, 'user-daily')).toMatchObject([
      { name: 'lee', maxUsd: 3, hasEnded: false },
    ]);
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'limits-overrides');

    await dialog.getByRole('button', { name: 'Undo …' }).click();
    await dialog.getByRole('row', { name: 'maximum $3.00 $0.75' }).waitFor();
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await dialog.getByText('Everybody has the maximum of the policy.').waitFor();
    expect(await overridesAtServer(world.stack, 'user-daily')).toEqual([]);

    await dialog.getByRole('button', { name: 'Undo …' }).click();
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await dialog.getByRole('button', { name: 'Change the override of lee' }).click();
    await dialog.getByLabel('Maximum in USD').fill('4');
    await dialog.getByLabel('Until').fill('');
    await dialog.getByRole('button', { name: 'Show the difference' }).click();
    await dialog.getByRole('row', { name: 'until Jan 5, 2099' }).waitFor();
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog.getByRole('status').getByText('Changed the maximum of lee.').waitFor();
    const [changed] = await overridesAtServer(world.stack, 'user-daily');
    expect(changed).toMatchObject({ name: 'lee', maxUsd: 4 });
    expect(changed).not.toHaveProperty('until');

    await dialog.getByRole('button', { name: 'Remove the override of lee' }).click();
    await dialog.getByRole('row', { name: 'maximum $4.00 $0.75' }).waitFor();
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await dialog.getByText('Everybody has the maximum of the policy.').waitFor();
    expect(await overridesAtServer(world.stack, 'user-daily')).toEqual([]);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    expect(new URL(page.url()).search).toBe('');
    // What a policy for all calls has is changed with the policy.
    expect(await policyRow(page, 'daily-budget').getByRole('button', { name: 'Other maxima' }).count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test('says why the app refuses an override, and finds the one of a user that was set meanwhile', async () => {
    await createPolicy(world.stack, { name: 'each-week', scope: 'user', window: 'week', maxUsd: 5, type: 'block' });
    const { page } = await openConsole(world, 'limits', ADMIN_KEY);
    await policyRow(page, 'each-week').getByRole('button', { name: 'Other maxima' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Everybody has the maximum of the policy.').waitFor();
    const answer = await fetch(`${world.stack.url}/api/limits/each-week/overrides/kim`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'x-functions-key': ADMIN_KEY },
      body: JSON.stringify({ maxUsd: 7 }),
    });
    expect(answer.status).toBe(200);
    await dialog.getByRole('button', { name: 'Another maximum …' }).click();
    await dialog.getByLabel('User').fill('kim');
    await dialog.getByLabel('Maximum in USD').fill('9');
    await dialog.getByLabel('Until').fill('2001-01-05T08:30');
    await dialog.getByRole('button', { name: 'Show the difference' }).click();
    await dialog.getByRole('row', { name: 'maximum $7.00 $9.00' }).waitFor();
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog.getByRole('alert').getByText('until must be later than now').waitFor();
    await dialog.getByRole('button', { name: 'Back' }).click();
    await dialog.getByLabel('Until').fill('');
    await dialog.getByRole('button', { name: 'Show the difference' }).click();
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog.getByRole('cell', { name: '$9.00' }).waitFor();

    // Listed by its pseudonym, and found by the address.
    for (const [maximum, verb] of [
      ['3', 'Set'],
      ['4', 'Change'],
    ] as const) {
      await dialog.getByRole('button', { name: 'Another maximum …' }).click();
      await dialog.getByLabel('User').fill('sam@example.com');
      await dialog.getByLabel('Maximum in USD').fill(maximum);
      await dialog.getByRole('button', { name: 'Show the difference' }).click();
      await dialog.getByRole('button', { name: verb, exact: true }).click();
      await dialog.getByRole('cell', { name: `$${maximum}.00` }).waitFor();
    }
    expect((await overridesAtServer(world.stack, 'each-week')).map(({ name }) => name)).toEqual([
      'kim',
      expect.stringMatching(/^user-[0-9a-f]{24}$/),
    ]);
  });
});
