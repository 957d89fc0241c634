import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { waitUntilIngested } from '../../../infra/local/demo/facts.ts';
import { startStack } from '../../../infra/local/stack.ts';
import type { WatchedPage } from '../browser.ts';
import { withBrowser } from '../with-browser.ts';
import { openConsole, overflowOf, takeScreens } from './console-page.ts';
import { ADMIN_KEY, keySettings, USER_KEY } from './console-stack.ts';
import { createPolicy } from './limits-at-server.ts';

/** What callers may call users and accounts. */
const [MARKUP, FORMULA, LONG] = [
  '<img src=x onerror=window.ran=1><script>window.ran=1</script>',
  '=HYPERLINK("http://evil.example","x")',
  'x'.repeat(200),
];
const names = [MARKUP, FORMULA, '+1+1', '@SUM(A1)', 'a,b "quoted"', 'javascript:window.ran=1', LONG];
/** Headers have bytes: what is beyond Latin-1 is sent as UTF-8. */
const asHeader = (text: string): string => Buffer.from(text).toString('latin1');

const adminHeaders = { 'x-functions-key': ADMIN_KEY };

const world = withBrowser(() => startStack({ settings: { ...keySettings, JUDGE_SAMPLE_RATE: '0' } }));
beforeAll(async () => {
  const taken: number[] = [];
  for (const name of names) taken.push(await plan(name));
  // What the app refuses can't come into the console.
  expect(taken.filter((status) => status === 200).length).toBeGreaterThan(4);
  await waitUntilIngested(world.stack, {
    signal: new AbortController().signal,
    limitMs: 60_000,
    progress: () => undefined,
  });
});

const plan = (name: string): Promise<number> =>
  callAs(name, '/api/routes/plan', { startLocation: 'Barstow, CA', endLocation: 'Needles, CA', durationDays: 3 });
const search = (name: string): Promise<number> =>
  callAs(name, '/api/trail-finder/search', { location: 'Moab, Utah', searchRadius: 50 });

async function callAs(name: string, path: string, body: object): Promise<number> {
  const answer = await fetch(`${world.stack.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-functions-key': USER_KEY,
      'x-user-id': asHeader(name),
      'x-account-name': asHeader(name.slice(0, 60)),
    },
    body: JSON.stringify(body),
  });
  return answer.status;
}

async function dataAt<T>(path: string): Promise<T> {
  const answer = await fetch(`${world.stack.url}${path}`, { headers: adminHeaders });
  return ((await answer.json()) as { data: T }).data;
}

const lettersAtServer = async (): Promise<{ id: string }[]> =>
  (await dataAt<{ letters: { id: string }[] }>('/api/admin/dead-letters')).letters;

async function latestInstance(): Promise<string> {
  const path = '/api/use-cases/trail_planner/instances?limit=1';
  const { instances } = await dataAt<{ instances: { useCaseId: string }[] }>(path);
  return instances[0]?.useCaseId ?? '';
}

/** Members of answers that callers, models and services choose. */
const chosenByOthers = [
  ...['user', 'account', 'useCase', 'userId', 'accountName', 'useCaseName', 'target', 'key', 'changedBy', 'whose'],
  ...[
    'model',
    'step',
    'reason',
    'note',
    'why',
    'found',
    'mend',
    'description',
    'property',
    'version',
    'text',
    'address',
  ],
];

/** What stands in their place: marks of direction, emoji, markup, a formula of 512 characters. */
const planted = ['\u202eevil\u2066', '👩‍🚒🏔️'.repeat(40), '<b onclick=window.ran=1>bold</b>', '='.repeat(512)];

/** Replaces every text of an answer that somebody else could have chosen by a hostile one. */
async function plantNames(page: Page): Promise<void> {
  let place = 0;
  const hostile = () => planted[place++ % planted.length];
  await page.route('**/api/**', async (route) => {
    const answer = await route.fetch();
    const body: unknown = await answer.json();
    const text = JSON.stringify(body, (member, value: unknown) => {
      if (!chosenByOthers.includes(member)) return value;
      if (typeof value === 'string') return hostile();
      if (member !== 'whose' || !value) return value;
      return Object.fromEntries(Object.keys(value).map((name) => [name, hostile()]));
    });
    await route.fulfill({ response: answer, body: text });
  });
}

async function openHostile(view: string): Promise<WatchedPage> {
  const watched = await openConsole(world, 'try-it', ADMIN_KEY);
  await plantNames(watched.page);
  await watched.page.goto(`${world.stack.url}/console/${view}`);
  await watched.page.getByRole('navigation', { name: 'Views' }).waitFor();
  await watched.page.waitForLoadState('networkidle');
  return watched;
}

async function expectHarmless({ page, faults }: WatchedPage): Promise<void> {
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
    expect(await page.evaluate(overflowingDialog)).toBe(0);
  }
  expect(
    await page.evaluate(
      "'ran' in window || document.querySelector('main b, main img, main script, dialog b') !== null",
    ),
  ).toBe(false);
  expect(faults).toEqual([]);
}

/** How far what is in a dialog is wider than it, besides tables, which scroll within themselves. */
const overflowingDialog = `Math.max(0, ...[...document.querySelectorAll('dialog')]
  .map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth))`;

test.each([
  'overview?by=user',
  'overview?by=account',
  'outcomes',
  'instances?useCase=trail_planner',
  'limits',
  'pipeline',
  'administration?part=keys',
  'administration?part=set-up',
  'administration?part=doctor',
  'administration?part=audit-log',
  'administration?part=settings',
])('nothing of a hostile name runs or overflows in %s', async (view) => {
  const watched = await openHostile(view);
  await expectHarmless(watched);
  await takeScreens(watched.page, `hostile-${view.replace(/\W+/g, '-')}`);
});

describe('nothing of a hostile name runs or overflows', () => {
  test('in an instance', async () => {
    const watched = await openHostile(`instances?useCase=trail_planner&id=${await latestInstance()}`);
    await watched.page.getByRole('heading', { name: 'Price lines' }).waitFor();
    await expectHarmless(watched);
    await takeScreens(watched.page, 'hostile-instance');
  });

  test('in a dead letter', async () => {
    world.stack.payi?.faults.add({ path: '/ingest*', partialErrors: { share: 1, status: 400, code: 'invalid_units' } });
    await plan('given-up');
    await expect.poll(async () => (await lettersAtServer()).length).toBe(1);
    world.stack.payi?.faults.clear();
    const [letter] = await lettersAtServer();
    const watched = await openHostile(`pipeline?letter=${letter?.id}`);
    await watched.page.getByRole('dialog').getByText('Reason').waitFor();
    await expectHarmless(watched);
    await takeScreens(watched.page, 'hostile-letter');
  });

  test('in a limit, the form of its policy and other maxima', async () => {
    const policy = { name: 'each-account', scope: 'account', window: 'day', maxUsd: 5, type: 'allow' };
    await createPolicy(world.stack, { ...policy, maxima: { [MARKUP]: 7, [LONG.slice(0, 100)]: 8 } });
    for (const name of names) {
      const set = await fetch(`${world.stack.url}/api/limits/each-account/overrides/${encodeURIComponent(name)}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'x-functions-key': ADMIN_KEY },
        body: JSON.stringify({ maxUsd: 9 }),
      });
      expect(set.status).toBe(200);
    }
    const watched = await openHostile('limits?overrides=each-account');
    const { page } = watched;
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('cell', { name: FORMULA, exact: true }).waitFor();
    await expectHarmless(watched);
    await takeScreens(page, 'hostile-overrides');
    await dialog.getByRole('button', { name: `Remove the override of ${MARKUP}`, exact: true }).click();
    await dialog.getByRole('row', { name: 'maximum $9.00 $7.00' }).waitFor();
    await expectHarmless(watched);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Change each-account' }).click();
    await dialog.getByLabel('Other maxima').waitFor();
    await expectHarmless(watched);
    await page.keyboard.press('Escape');
    const [limit] = await dataAt<{ limits: { limitId: string }[] }>('/api/limits').then(({ limits }) => limits);
    await page.goto(`${world.stack.url}/console/limits?id=${encodeURIComponent(limit?.limitId ?? '')}`);
    await dialog.getByText('Maximum', { exact: true }).waitFor();
    await expectHarmless(watched);
    await takeScreens(page, 'hostile-limit');
  });

  test('in an approval and its dialog', async () => {
    const policy = { name: 'asks', scope: 'user', window: 'day', maxUsd: 0.000001, type: 'ask' };
    await createPolicy(world.stack, { ...policy, useCases: ['trail_finder'] });
    for (const name of names) await search(name);
    const watched = await openHostile('limits');
    const { page } = watched;
    const rows = page.getByRole('region', { name: 'Approvals', exact: true }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBeGreaterThan(4);
    await expectHarmless(watched);
    await rows
      .first()
      .getByRole('button', { name: /^Approve/ })
      .click();
    await page
      .getByRole('dialog')
      .getByText(/The limit gets room/)
      .waitFor();
    await expectHarmless(watched);
    await takeScreens(page, 'hostile-approval');
    const headers = { ...adminHeaders, 'if-match': '*' };
    const removed = await fetch(`${world.stack.url}/api/limits/asks`, { method: 'DELETE', headers });
    expect(removed.status).toBe(200);
  });

  test('in an alert that was given up', async () => {
    const watched = await openConsole(world, 'try-it', ADMIN_KEY);
    const { page } = watched;
    const alerts = planted.map((text, place) => ({
      id: String(place),
      limitId: text,
      event: 'limit-crossed',
      target: text,
      attempts: 9,
      createdAt: new Date().toISOString(),
      lastError: text,
    }));
    await page.route('**/api/admin/alerts', (route) => route.fulfill({ json: { success: true, data: { alerts } } }));
    await page.goto(`${world.stack.url}/console/limits`);
    const rows = page.getByRole('region', { name: 'Alerts that were given up' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(planted.length);
    await expectHarmless(watched);
    await takeScreens(page, 'hostile-alerts');
  });

  test('in what a model answers', async () => {
    const watched = await openConsole(world, 'try-it?feature=search', USER_KEY);
    const { page } = watched;
    await page.route('**/api/trail-finder/search', async (route) => {
      const answer = await route.fetch();
      const text = (await answer.text()).replace(
        /"(name|location|description|whyRecommended)":"(?:[^"\\]|\\.)*"/g,
        (_whole, member: string) => `"${member}":${JSON.stringify(planted[member.length % planted.length])}`,
      );
      await route.fulfill({ response: answer, body: text });
    });
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.locator('.cards article').first().waitFor();
    await expectHarmless(watched);
    await takeScreens(page, 'hostile-try-it');
  });
});

test('nothing of a hostile name runs in a spreadsheet', async () => {
  const { page, faults } = await openConsole(world, 'overview?by=user', ADMIN_KEY);
  await expect.poll(() => page.locator('.panel').nth(1).locator('tbody tr').count()).toBeGreaterThan(4);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as CSV Usage by user' }).click(),
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
