import { describe, expect, test } from 'vitest';
import { withBrowser } from '../with-browser.ts';
import { seriousFaults } from './axe.ts';
import { openConsole, overflowOf, takeScreens } from './console-page.ts';
import { ADMIN_KEY, startConsoleStack, USER_KEY } from './console-stack.ts';

const world = withBrowser(startConsoleStack);

async function plan(user: string): Promise<void> {
  const answer = await fetch(`${world.stack.url}/api/routes/plan`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-functions-key': USER_KEY, 'x-user-id': user },
    body: JSON.stringify({ startLocation: 'Barstow, CA', endLocation: 'Needles, CA', durationDays: 3 }),
  });
  expect(answer.status).toBe(200);
}

describe('the pipeline', () => {
  test('says that nothing waits, and that every event is in one state', async () => {
    const { page, faults } = await openConsole(world, 'pipeline', ADMIN_KEY);
    await page.getByText('Nothing waits: every event is at Pay-i.').waitFor();
    await page.getByText('No event was given up.').first().waitFor();
    const figure = (name: string) => page.locator('.figure', { hasText: name }).locator('.value');
    await expect.poll(() => figure('Sent to Pay-i').innerText()).toMatch(/^[1-9]\d*$/);
    await expect.poll(() => figure('Scored').innerText()).toMatch(/^[1-9]\d*$/);
    await page.getByRole('button', { name: 'Count' }).click();
    await page.getByText('every event is in one state').waitFor();
    await page.getByText('Events arrive').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'pipeline');
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });

  test('shows a dead letter with its reason, and replays it', async () => {
    world.stack.payi?.faults.add({ path: '/ingest*', partialErrors: { share: 1, status: 400, code: 'invalid_units' } });
    await plan('dead-letter');
    const { page, faults } = await openConsole(world, 'pipeline', ADMIN_KEY);
    await page.getByRole('cell', { name: 'invalid_units' }).first().waitFor();
    await page.locator('.figure', { hasText: 'Dead letters' }).getByText('the oldest').waitFor();
    await takeScreens(page, 'pipeline-dead-letter');
    await page.getByRole('button', { name: /^Show / }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('"trail_planner"').first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'pipeline-letter');
    world.stack.payi?.faults.clear();
    await dialog.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('status').getByText('Sent 1 again').waitFor();
    await page.getByText('No event was given up.').first().waitFor();
    await page.getByRole('combobox', { name: 'State' }).selectOption('delivered');
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Load Dead letters again' }).click();
        return page.getByRole('cell', { name: 'invalid_units' }).count();
      })
      .toBe(1);
    expect(faults).toEqual([]);
  });

  test('discards what is chosen, with a reason', async () => {
    world.stack.payi?.faults.add({ path: '/ingest*', partialErrors: { share: 1, status: 400, code: 'invalid_units' } });
    await plan('discard');
    const { page } = await openConsole(world, 'pipeline', ADMIN_KEY);
    await page.getByRole('cell', { name: 'invalid_units' }).first().waitFor();
    world.stack.payi?.faults.clear();
    await page.getByRole('button', { name: 'Choose all' }).click();
    await page.getByRole('button', { name: 'Discard …' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('a test <b>call</b>');
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('status').getByText('Discarded 1.').waitFor();
    await page.getByRole('combobox', { name: 'State' }).selectOption('discarded');
    await page.getByRole('button', { name: /^Show / }).click();
    await page.getByRole('dialog').getByText('a test <b>call</b>').waitFor();
  });

  test('compares the books of today, and names what differs with its events', async () => {
    world.stack.payi?.faults.add({ path: '/ingest*', partialErrors: { share: 1, status: 400, code: 'invalid_units' } });
    await plan('books');
    const { page, faults } = await openConsole(world, 'pipeline', ADMIN_KEY);
    await page.getByRole('cell', { name: 'invalid_units' }).first().waitFor();
    world.stack.payi?.faults.clear();
    const books = page.locator('section', { has: page.getByRole('heading', { name: 'Books' }) });
    await books.getByRole('combobox', { name: 'Day (UTC)' }).selectOption(new Date().toISOString().slice(0, 10));
    await books.getByRole('button', { name: 'Compare' }).click();
    await books.getByText('the books differ').waitFor();
    await books.getByText('dead_letter').waitFor();
    await books
      .getByText(/^[\da-f]{8}-[\da-f]{4}-7/)
      .first()
      .waitFor();
    await books.getByText('The day is not over').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'pipeline-books');
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });

  test('shows what is put off while Pay-i is down', async () => {
    world.stack.payi?.faults.add({ path: '/ingest*', status: 503 });
    await plan('down');
    const { page } = await openConsole(world, 'pipeline', ADMIN_KEY);
    await page.getByRole('cell', { name: 'put off' }).first().waitFor();
    await page.locator('.figure', { hasText: 'Put off' }).getByText('the oldest').waitFor();
    await takeScreens(page, 'pipeline-down');
    world.stack.payi?.faults.clear();
  });

  test('is not shown to a user', async () => {
    const { page } = await openConsole(world, 'pipeline', USER_KEY);
    await page.getByText('There is no such view, or it is for admins alone.').waitFor();
    expect(await page.getByRole('link', { name: 'Pipeline' }).count()).toBe(0);
  });
});
