import { describe, expect, test } from 'vitest';
import { withBrowser } from '../with-browser.ts';
import { seriousFaults } from './axe.ts';
import { openConsole, overflowOf, takeScreens } from './console-page.ts';
import { ADMIN_KEY, startConsoleStack, USER_KEY } from './console-stack.ts';

const world = withBrowser(startConsoleStack);

interface Listed {
  useCaseId: string;
  userId: string;
  estimatedUsd: number;
}

async function instancesOf(useCase: string, query = ''): Promise<Listed[]> {
  const answer = await fetch(`${world.stack.url}/api/use-cases/${useCase}/instances?limit=200&${query}`, {
    headers: { 'x-functions-key': ADMIN_KEY },
  });
  return ((await answer.json()) as { data: { instances: Listed[] } }).data.instances;
}

describe('instances', () => {
  test('are found, filtered and opened, with the price of each call', async () => {
    const { page, faults } = await openConsole(world, 'instances?useCase=trail_finder', ADMIN_KEY);
    const all = await instancesOf('trail_finder');
    const rows = page.getByRole('region', { name: 'Instances' }).first().locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(all.length);
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'instances');
    await page.getByLabel('User').fill('lee');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.waitForURL(/user=lee/);
    await expect.poll(() => rows.count()).toBe(all.filter(({ userId }) => userId === 'lee').length);
    await rows.first().getByRole('button').click();
    await page.getByRole('heading', { name: 'Price lines' }).waitFor();
    const prices = page.getByRole('region', { name: 'Price lines' }).first();
    await prices.getByRole('cell', { name: 'output' }).first().waitFor();
    await page.getByRole('cell', { name: 'trail_match_score' }).or(page.getByText('search_success')).first().waitFor();
    const limits = page.getByRole('region', { name: 'Instance', exact: true }).locator('dt', { hasText: 'Limits' });
    expect(await limits.locator('+ dd').innerText()).toContain('daily-budget:');
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'instance');
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
    await page.getByRole('button', { name: '← All instances' }).click();
    await rows.first().waitFor();
    expect(faults).toEqual([]);
  });

  test('have what the judge found', async () => {
    const { page, faults } = await openConsole(world, 'instances?useCase=trail_finder', ADMIN_KEY);
    const [judged] = await instancesOf('trail_finder');
    await page.goto(`${world.stack.url}/console/instances?useCase=trail_finder&id=${judged?.useCaseId}`);
    const verdict = page.getByRole('region', { name: 'Verdict' }).first();
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Load Verdict again' }).click();
        return verdict.getByText('Passed', { exact: true }).count();
      })
      .toBe(1);
    await verdict.getByText('overall').waitFor();
    await takeScreens(page, 'instance-verdict');
    expect(faults).toEqual([]);
  });

  test('of another user are not shown to a user', async () => {
    const { page } = await openConsole(world, 'instances?useCase=trail_finder', USER_KEY);
    await page.getByText('There is no such instance in this time.').waitFor();
    const [other] = await instancesOf('trail_finder');
    await page.goto(`${world.stack.url}/console/instances?useCase=trail_finder&id=${other?.useCaseId}`);
    await page.getByRole('alert').getByText('not_found').waitFor();
  });
});

describe('outcomes', () => {
  test('show what an instance of each version costs, and KPIs against their goals', async () => {
    const { page, faults } = await openConsole(world, 'outcomes', ADMIN_KEY);
    await page.getByRole('cell', { name: 'trail_planner' }).first().waitFor();
    await page.getByText('met', { exact: true }).first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'outcomes');
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });

  test('put two versions of a use case side by side', async () => {
    // An older version, of a program that calls through the gateway.
    for (let call = 0; call < 2; call++) {
      const answer = await fetch(`${world.stack.url}/anthropic/v1/messages`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-api-key': USER_KEY,
          'x-user-id': 'older-version',
          'x-use-case-name': 'trail_finder',
          'x-use-case-version': '1',
        },
        body: JSON.stringify({
          model: 'claude-haiku-5-5',
          max_tokens: 64,
          messages: [{ role: 'user', content: 'Trails near Moab?' }],
        }),
      });
      expect(answer.status).toBe(200);
    }
    const { page, faults } = await openConsole(world, 'outcomes', ADMIN_KEY);
    const compared = page.getByRole('region', { name: 'Versions side by side', exact: true });
    const row = (name: string) => compared.getByRole('row', { name });
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Load Versions side by side again' }).click();
        return row('instances 2').count();
      })
      .toBe(1);
    expect(await compared.locator('thead').innerText()).toMatch(/figure\s+version 1\s+version 2\s+difference/);
    await row('cost of an instance').waitFor();
    expect(await row('average of search_success').locator('td').nth(1).innerText()).toBe('–');
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'outcomes-versions');
    await compared.getByLabel('Of', { exact: true }).selectOption('2');
    await compared.getByLabel('and', { exact: true }).selectOption('1');
    expect(new URL(page.url()).search).toBe('?one=2&other=1');
    await row('instances').getByText('2', { exact: true }).last().waitFor();
    expect(await compared.locator('thead').innerText()).toMatch(/figure\s+version 2\s+version 1\s+difference/);
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });
});
