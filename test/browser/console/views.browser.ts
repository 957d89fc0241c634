import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { withBrowser } from '../with-browser.ts';
import { openConsole, overflowOf, signIn } from './console-page.ts';
import { ADMIN_KEY, startConsoleStack } from './console-stack.ts';
import { layoutShiftOf } from './layout-shift.ts';

const world = withBrowser(startConsoleStack);
let instance: string;
beforeAll(async () => {
  const found = await fetch(`${world.stack.url}/api/use-cases/trail_planner/instances?limit=1`, {
    headers: { 'x-functions-key': ADMIN_KEY },
  });
  const { data } = (await found.json()) as { data: { instances: { useCaseId: string }[] } };
  instance = `instances?useCase=trail_planner&id=${data.instances[0]?.useCaseId}`;
});

/** Each view of the console, and the panels that it has. A function, since the instance is found first. */
const views: [name: string, address: () => string, panels: string[]][] = [
  ['overview', () => 'overview', ['Spending', 'By use case', 'Tokens by kind']],
  ['outcomes', () => 'outcomes', ['Versions', 'KPIs', 'Versions side by side']],
  ['instances', () => 'instances?useCase=trail_planner', ['Instances']],
  ['one instance', () => instance, ['Instance', 'Calls', 'Price lines', 'KPIs', 'Steps', 'Verdict']],
  [
    'limits',
    () => 'limits',
    [...['Limits', 'Approvals', 'Policies', 'Refused in the last 24 hours', 'Changes'], 'Alerts that were given up'],
  ],
  ['pipeline', () => 'pipeline', ['On their way', 'Dead letters', 'State']],
  ['access keys', () => 'administration', ['Access keys']],
  ['set-up', () => 'administration?part=set-up', ['Set-up at Pay-i']],
  ['doctor', () => 'administration?part=doctor', ['Doctor']],
  ['audit log', () => 'administration?part=audit-log', ['Audit log']],
  ['settings', () => 'administration?part=settings', ['Settings']],
];

const panel = (page: Page, title: string) => page.getByRole('region', { name: title, exact: true }).first();

/** Waits until each panel has its data. */
async function untilLoaded(page: Page, panels: readonly string[]): Promise<void> {
  for (const title of panels) await panel(page, title).getByText('as of').waitFor();
}

describe.each(views)('the view %s', (_name, address, panels) => {
  test('says that it loads, moves nothing when the figures come, and fits both widths', async () => {
    const { page, faults } = await openConsole(world, 'try-it', ADMIN_KEY);
    for (const viewport of [
      { width: 390, height: 844 },
      { width: 1440, height: 900 },
    ]) {
      await page.setViewportSize(viewport);
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await page.route('**/api/**', async (route) => {
        if (!route.request().url().endsWith('/api/caller')) await held;
        await route.continue();
      });
      await page.goto(`${world.stack.url}/console/${address()}`);
      await panel(page, panels[0] ?? '')
        .getByText('Loading …')
        .waitFor();
      release();
      await untilLoaded(page, panels);
      expect(await layoutShiftOf(page)).toBeLessThan(0.1);
      expect(await overflowOf(page)).toBe(0);
      await page.unroute('**/api/**');
    }
    expect(faults).toEqual([]);
  });

  test('asks at most three times for a panel, and says it when the app does not answer', async () => {
    const { page } = await openConsole(world, address(), ADMIN_KEY);
    await untilLoaded(page, panels);
    for (const title of panels) {
      const asked: string[] = [];
      const note = (request: { url(): string }) => void asked.push(request.url());
      page.on('request', note);
      await page.getByRole('button', { name: `Load ${title} again`, exact: true }).click();
      await expect.poll(() => asked.length).toBeGreaterThan(0);
      await panel(page, title).and(page.locator('[aria-busy=false]')).waitFor();
      page.off('request', note);
      expect(asked.length).toBeLessThanOrEqual(3);
    }
    await page.route('**/api/**', (route) => route.abort());
    for (const title of panels) {
      await page.getByRole('button', { name: `Load ${title} again`, exact: true }).click();
      await panel(page, title).getByRole('alert').getByText('could not be reached').waitFor();
      await panel(page, title).getByText('Not up to date.').waitFor();
    }
  });

  test('saves each of its tables as CSV, with as many rows as are shown', async () => {
    const { page } = await openConsole(world, address(), ADMIN_KEY);
    await untilLoaded(page, panels);
    for (const table of await page.locator('.table:visible').all()) {
      const caption = await table.locator('caption').innerText();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        table.getByRole('button', { name: /^Save as CSV/ }).click(),
      ]);
      expect(file.suggestedFilename()).toBe(`${caption.replace(/[^\w .-]+/g, '-')}.csv`);
      const text = await readFile(await file.path(), 'utf8');
      expect(text.startsWith('\ufeff')).toBe(true);
      // A cell may have line ends of its own.
      const rows = text
        .replace(/"(?:[^"]|"")*"/g, '""')
        .trimEnd()
        .split('\r\n');
      expect(rows.length - 1).toBe(await table.locator('tbody tr').count());
    }
  });
});

describe('times', () => {
  test('are in the zone of the viewer, with UTC in the tooltip', async () => {
    const context = await world.browser.newContext({ timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(`${world.stack.url}/console/${instance}`);
    await signIn(page, ADMIN_KEY);
    const time = panel(page, 'Calls').locator('tbody time').first();
    const at = Date.parse((await time.getAttribute('datetime')) ?? '');
    const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Tokyo' } as const;
    expect(await time.innerText()).toBe(new Intl.DateTimeFormat('en-GB', options).format(at));
    expect(await time.getAttribute('title')).toBe(`${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`);
  });
});

test('the navigation of a phone shows where one is', async () => {
  const { page } = await openConsole(world, 'overview', ADMIN_KEY);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${world.stack.url}/console/try-it`);
  const link = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Try it' });
  await link.waitFor();
  const box = await link.boundingBox();
  expect((box?.x ?? 390) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
});

test('can be used by the keyboard alone', async () => {
  const { page } = await openConsole(world, 'overview', ADMIN_KEY);
  await untilLoaded(page, ['Spending']);
  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('To the content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('main');
  await page.getByRole('link', { name: 'Limits' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Limits', level: 1 }).waitFor();
  const button = page.getByRole('button', { name: 'New policy …' });
  await button.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByLabel('Name').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.evaluate('document.activeElement.textContent')).toBe('New policy …');
});
