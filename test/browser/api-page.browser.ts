import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { routes } from '../../shared/api/routes.ts';
import { openPage, startBrowser } from './browser.ts';

let stack: Stack;
let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
  stack = await startStack();
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

test('shows every route under its policy, and asks no other host', async () => {
  const { page, faults } = await openPage(browser, `${stack.url}/api/docs`, [new URL(stack.url).host]);
  await page.locator('.opblock').first().waitFor();
  expect(await page.locator('.opblock').count()).toBe(routes.length);
  await page.locator('#operations-features-planRoute').getByRole('button').first().click();
  await page.locator('#operations-features-planRoute .responses-wrapper').waitFor();
  expect(faults).toEqual([]);
});

test('sends a request of the page', async () => {
  const { page, faults } = await openPage(browser, `${stack.url}/api/docs`, [new URL(stack.url).host]);
  const operation = page.locator('#operations-limits-listLimits');
  await operation.getByRole('button').first().click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
  expect(faults).toEqual([]);
});

test('a script that comes into the page does not run', async () => {
  const { page, faults } = await openPage(browser, `${stack.url}/api/docs`, [new URL(stack.url).host]);
  await page.addScriptTag({ content: 'window.ran = true' }).catch(() => undefined); // Refused by the policy.
  expect(await page.evaluate("'ran' in window")).toBe(false);
  expect(faults.join()).toContain('Content Security Policy');
});
