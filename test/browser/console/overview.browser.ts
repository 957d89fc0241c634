import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { openPage } from '../browser.ts';
import { withBrowser } from '../with-browser.ts';
import { seriousFaults } from './axe.ts';
import { openConsole, overflowOf, signIn, takeScreens } from './console-page.ts';
import { ADMIN_KEY, startConsoleStack, USER_KEY } from './console-stack.ts';
import { layoutShiftOf } from './layout-shift.ts';

const world = withBrowser(() => startConsoleStack({ USAGE_PROPERTIES: 'search_radius,experience_level' }));

describe('signing in', () => {
  test('a wrong key is refused in the app’s words, and the right one is not kept after the tab', async () => {
    const { page } = await openPage(world.browser, `${world.stack.url}/console`, [new URL(world.stack.url).host]);
    await page.getByLabel('Access key or token').fill('not-one-of-the-keys');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('not_authenticated').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'sign-in');
    await signIn(page, ADMIN_KEY);
    await page.reload();
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Access key or token').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  test('offers the sign-in of App Service only where it is on', async () => {
    const { page } = await openPage(world.browser, `${world.stack.url}/console`, [new URL(world.stack.url).host]);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.getByRole('link', { name: 'Sign in with Microsoft' }).count()).toBe(0);
    // As the app answers with App Service Authentication.
    await page.route('**/console', async (route) => {
      const answer = await route.fetch();
      const body = (await answer.text()).replace('id="console"', 'id="console" data-sign-in="app-service"');
      await route.fulfill({ response: answer, body });
    });
    await page.reload();
    const link = page.getByRole('link', { name: 'Sign in with Microsoft' });
    expect(await link.getAttribute('href')).toBe('/.auth/login/aad?post_login_redirect_uri=/console');
  });

  test('runs no other script, and is framed by no page', async () => {
    const answer = await fetch(`${world.stack.url}/console/overview`);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(await answer.text()).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=/);
  });
});

describe('the overview', () => {
  test('shows what GET /api/usage has, with no serious fault of access', async () => {
    const { page, faults } = await openConsole(world, 'overview', ADMIN_KEY);
    await page.getByRole('cell', { name: 'trail_finder' }).waitFor();
    const answer = await fetch(`${world.stack.url}/api/usage?groupBy=useCase`, {
      headers: { 'x-functions-key': ADMIN_KEY },
    });
    const { data } = (await answer.json()) as { data: { rows: { useCase: string; estimatedUsd: number }[] } };
    const rows = page.getByRole('region', { name: 'By use case' }).first().locator('tbody tr');
    expect(await rows.count()).toBe(data.rows.length);
    const finder = data.rows.find(({ useCase }) => useCase === 'trail_finder');
    const cost = rows.filter({ hasText: 'trail_finder' }).locator('td').nth(1);
    expect(Number((await cost.locator('span').getAttribute('title'))?.replace(/[^\d.]/g, ''))).toBe(
      finder?.estimatedUsd,
    );
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'overview');
    expect(faults).toEqual([]);
  });

  test('keeps its state in the address, also for going back', async () => {
    const { page } = await openConsole(world, 'overview', ADMIN_KEY);
    await page.getByRole('combobox', { name: 'By' }).selectOption('user');
    await page.getByRole('heading', { name: 'By user' }).waitFor();
    await page.getByRole('combobox', { name: 'Time' }).selectOption('7d');
    expect(new URL(page.url()).search).toBe('?by=user&range=7d');
    await page.reload();
    await page.getByRole('heading', { name: 'By user' }).waitFor();
    await page.goBack();
    await page.goBack();
    await page.getByRole('heading', { name: 'By use case' }).waitFor();
  });

  test('a name that is clicked becomes a filter, which can be taken off', async () => {
    const { page } = await openConsole(world, 'overview?by=model', ADMIN_KEY);
    const name = page.locator('.panel').nth(1).locator('tbody tr').first().getByRole('button');
    const model = await name.innerText();
    await name.click();
    const filter = page.getByRole('list', { name: 'Filters' });
    await filter.getByText(model).waitFor();
    expect(new URL(page.url()).searchParams.get('model')).toBe(model);
    await filter.getByRole('button').click();
    await filter.waitFor({ state: 'detached' });
  });

  test('groups and filters by a property of USAGE_PROPERTIES', async () => {
    const { page, faults } = await openConsole(world, 'overview', ADMIN_KEY);
    await page.getByRole('cell', { name: 'trail_finder' }).waitFor();
    await page.getByRole('combobox', { name: 'By' }).selectOption('search_radius');
    await page.getByRole('heading', { name: 'By search_radius' }).waitFor();
    await page.getByRole('cell', { name: '100', exact: true }).getByRole('button').click();
    const filter = page.getByRole('list', { name: 'Filters' });
    await filter.getByText('search_radius: 100').waitFor();
    expect(new URL(page.url()).search).toBe('?by=property.search_radius&property.search_radius=100');
    await expect.poll(() => page.locator('.panel').nth(1).locator('tbody tr').count()).toBe(1);
    await takeScreens(page, 'overview-property');
    await filter.getByRole('button', { name: 'Remove the filter of search_radius' }).click();
    await expect.poll(() => page.locator('.panel').nth(1).locator('tbody tr').count()).toBeGreaterThan(2);
    expect(faults).toEqual([]);
  });

  test('has tokens by kind, and every grouping', async () => {
    const { page, faults } = await openConsole(world, 'overview', ADMIN_KEY);
    const kinds = page.getByRole('region', { name: 'Tokens by kind' }).first();
    await kinds.getByRole('row', { name: /^Text [\d,]+ \d/ }).waitFor();
    await kinds.getByRole('row', { name: /^Web search request/ }).waitFor();
    const by = page.getByRole('combobox', { name: 'By' });
    for (const name of await by.locator('option').allInnerTexts()) {
      await by.selectOption({ label: name });
      const group = page.getByRole('region', { name: `By ${name}`, exact: true });
      await group.locator('tbody tr').first().waitFor();
      await expect.poll(() => page.locator('.legend li').count()).toBeGreaterThan(0);
    }
    expect(faults).toEqual([]);
  });

  test('a time that is marked in the chart is shown alone', async () => {
    const { page } = await openConsole(world, 'overview', ADMIN_KEY);
    const chart = page.locator('.u-over');
    const box = await chart.boundingBox();
    if (!box) throw new Error('The chart is not shown');
    await page.mouse.move(box.x + box.width * 0.6, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 60, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=/);
    expect(await page.getByRole('combobox', { name: 'Time' }).inputValue()).toBe('custom');
  });

  test('saves the table as CSV', async () => {
    const { page } = await openConsole(world, 'overview', ADMIN_KEY);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV Usage by use case' }).click(),
    ]);
    const text = await readFile(await file.path(), 'utf8');
    expect(file.suggestedFilename()).toBe('Usage by use case.csv');
    expect(text).toContain('use case,cost,cost at Pay-i,requests');
    expect(text).toContain('trail_planner,');
  });

  test('says what is wrong while the app does not answer, and keeps what it had', async () => {
    const { page } = await openConsole(world, 'overview', ADMIN_KEY);
    await page.getByRole('cell', { name: 'trail_finder' }).waitFor();
    await page.route('**/api/usage**', (route) => route.abort());
    await page.getByRole('button', { name: 'Load Spending again' }).click();
    await page.getByRole('alert').first().getByText('could not be reached').waitFor();
    await page.getByText('Not up to date.').first().waitFor();
    expect(await page.getByRole('cell', { name: 'trail_finder' }).isVisible()).toBe(true);
    await takeScreens(page, 'overview-stale');
  });

  test('a user sees own usage only', async () => {
    const { page } = await openConsole(world, 'overview?by=user', USER_KEY);
    await page.getByText('There are no calls in this time.').waitFor();
    await takeScreens(page, 'overview-empty');
  });

  test('asks at most three times to refresh, moves nothing, and fits a phone', async () => {
    const { page } = await openConsole(world, 'overview', ADMIN_KEY);
    await page.getByRole('cell', { name: 'trail_finder' }).waitFor();
    let requests = 0;
    page.on('request', () => requests++);
    await page.getByRole('button', { name: 'Load Spending again' }).click();
    await page.waitForLoadState('networkidle');
    expect(requests).toBeGreaterThan(0);
    expect(requests).toBeLessThanOrEqual(3);
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
    await page.reload();
    await page.getByRole('cell', { name: 'trail_finder' }).waitFor();
    expect(await layoutShiftOf(page)).toBeLessThan(0.02);
  });
});
