import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../../infra/local/stack.ts';
import { startBrowser } from '../browser.ts';
import { openConsole, overflowOf, takeScreens } from './console-page.ts';
import { ADMIN_KEY, keySettings, USER_KEY } from './console-stack.ts';

/** What callers may call users and accounts. */
const names = [
  '<img src=x onerror=window.ran=1><script>window.ran=1</script>',
  '=HYPERLINK("http://evil.example","x")',
  '+1+1',
  '@SUM(A1)',
  'a,b "quoted"',
  'javascript:window.ran=1',
  'x'.repeat(200),
];
/** Headers have bytes: what is beyond Latin-1 is sent as UTF-8. */
const asHeader = (text: string): string => Buffer.from(text).toString('latin1');

let stack: Stack;
let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
  stack = await startStack({ settings: { ...keySettings, JUDGE_SAMPLE_RATE: '0' } });
  const taken: number[] = [];
  for (const name of names) {
    const answer = await fetch(`${stack.url}/api/routes/plan`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-functions-key': USER_KEY,
        'x-user-id': asHeader(name),
        'x-account-name': asHeader(name.slice(0, 60)),
      },
      body: JSON.stringify({ startLocation: 'Barstow, CA', endLocation: 'Needles, CA', durationDays: 3 }),
    });
    taken.push(answer.status);
  }
  // What the app refuses can't come into the console.
  expect(taken.filter((status) => status === 200).length).toBeGreaterThan(4);
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

/** Members of answers that callers choose. */
const chosenByCallers = [
  ...['user', 'account', 'useCase', 'userId', 'accountName', 'useCaseName'],
  ...['model', 'step', 'key', 'changedBy', 'reason'],
];

/** What stands in their place: marks of direction, emoji, markup, a formula of 512 characters. */
const planted = ['\u202eevil\u2066', '👩‍🚒🏔️'.repeat(40), '<b onclick=window.ran=1>bold</b>', '='.repeat(512)];

test.each([
  'overview?by=user',
  'overview?by=account',
  'instances?useCase=trail_planner',
  'limits',
  'outcomes',
  'pipeline',
  'administration?part=audit-log',
])('nothing of a hostile name runs or overflows in %s', async (view) => {
  const { page, faults } = await openConsole(browser, stack.url, 'try-it', ADMIN_KEY);
  let place = 0;
  // Every text of an answer that a caller could have chosen is replaced by a hostile one.
  await page.route('**/api/**', async (route) => {
    const answer = await route.fetch();
    const body: unknown = await answer.json();
    const text = JSON.stringify(body, (member, value: unknown) =>
      chosenByCallers.includes(member) && typeof value === 'string' ? planted[place++ % planted.length] : value,
    );
    await route.fulfill({ response: answer, body: text });
  });
  await page.goto(`${stack.url}/console/${view}`);
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  await page.waitForLoadState('networkidle');
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
  }
  expect(
    await page.evaluate("'ran' in window || document.querySelector('main b, main img, main script') !== null"),
  ).toBe(false);
  await takeScreens(page, `hostile-${view.replace(/\W+/g, '-')}`);
  expect(faults).toEqual([]);
});

test('nothing of a hostile name runs in a spreadsheet', async () => {
  const { page, faults } = await openConsole(browser, stack.url, 'overview?by=user', ADMIN_KEY);
  await expect.poll(() => page.locator('tbody tr').count()).toBeGreaterThan(4);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /^Save as CSV/ }).click(),
  ]);
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toContain("'=HYPERLINK");
  expect(text).toContain("'+1+1");
  expect(text.split('\r\n').filter((line) => /^"?[=+@\t]/.test(line))).toEqual([]);
  // A name becomes a filter, and stays a text there too.
  await page.getByRole('button', { name: /^<img/ }).click();
  await page.getByRole('list', { name: 'Filters' }).getByText('<img src=x').waitFor();
  expect(await page.evaluate("'ran' in window")).toBe(false);
  expect(faults).toEqual([]);
});
