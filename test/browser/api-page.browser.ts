import { expect, test } from 'vitest';
import { startStack } from '../../infra/local/stack.ts';
import { routes } from '../../shared/api/routes.ts';
import { openPage } from './browser.ts';
import { withBrowser } from './with-browser.ts';

const world = withBrowser(startStack);

test('shows every route under its policy, and asks no other host', async () => {
  const { page, faults } = await openPage(world.browser, `${world.stack.url}/api/docs`, [
    new URL(world.stack.url).host,
  ]);
  await page.locator('.opblock').first().waitFor();
  expect(await page.locator('.opblock').count()).toBe(routes.length);
  await page.locator('#operations-features-planRoute').getByRole('button').first().click();
  await page.locator('#operations-features-planRoute .responses-wrapper').waitFor();
  expect(faults).toEqual([]);
});

test('sends a request of the page', async () => {
  const { page, faults } = await openPage(world.browser, `${world.stack.url}/api/docs`, [
    new URL(world.stack.url).host,
  ]);
  const operation = page.locator('#operations-limits-listLimits');
  await operation.getByRole('button').first().click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
  expect(faults).toEqual([]);
});

test('a script that comes into the page does not run', async () => {
  const { page, faults } = await openPage(world.browser, `${world.stack.url}/api/docs`, [
    new URL(world.stack.url).host,
  ]);
  await page.addScriptTag({ content: 'window.ran = true' }).catch(() => undefined); // Refused by the policy.
  expect(await page.evaluate("'ran' in window")).toBe(false);
  expect(faults.join()).toContain('Content Security Policy');
});
