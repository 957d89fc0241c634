import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitUntilIngested } from '../../../infra/local/demo/facts.ts';
import { startStack } from '../../../infra/local/stack.ts';
import { startIssuer } from '../../identity/jwks-server.ts';
import { sessionOf } from '../../identity/session-of.ts';
import { openPage, type WatchedPage } from '../browser.ts';
import { withBrowser } from '../with-browser.ts';
import { seriousFaults } from './axe.ts';
import { signIn, takeScreens } from './console-page.ts';
import { ADMIN_KEY, keySettings, USER_KEY } from './console-stack.ts';
import { policyAtServer } from './limits-at-server.ts';
import { startPlatformProxy } from './platform-proxy.ts';

const SECRET = 'the secret that the front-end shares with the app';
const ADMIN_ROLE = 'Trail.Admin';
const COOKIE = 'authjs.session-token';

let issuer: Awaited<ReturnType<typeof startIssuer>>;
let platform: Awaited<ReturnType<typeof startPlatformProxy>>;
let tokenOf: Awaited<ReturnType<typeof issuer.addKey>>;
const world = withBrowser(async () => {
  issuer = await startIssuer();
  tokenOf = await issuer.addKey('one');
  return startStack({
    settings: {
      ...keySettings,
      JUDGE_SAMPLE_RATE: '0',
      AUTH_SECRET: SECRET,
      JWT_ISSUERS: JSON.stringify([
        { issuer: issuer.issuer, audience: 'trailmeter', jwksUrl: `${issuer.issuer}/keys` },
      ]),
      // As the platform sets it.
      WEBSITE_AUTH_ENABLED: 'True',
      APP_SERVICE_ADMIN_ROLES: ADMIN_ROLE,
    },
  });
});
beforeAll(async () => {
  platform = await startPlatformProxy(world.stack.url);
  for (const user of [undefined, 'sam', 'lee']) await plan(user);
  await waitUntilIngested(world.stack, {
    signal: new AbortController().signal,
    limitMs: 60_000,
    progress: () => undefined,
  });
});
afterAll(async () => {
  await platform?.close();
  await issuer?.close();
});

/** A call of a user; undefined: of the key of the front-end itself. */
async function plan(user: string | undefined): Promise<void> {
  const answer = await fetch(`${world.stack.url}/api/routes/plan`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-functions-key': USER_KEY,
      ...(user !== undefined && { 'x-user-id': user }),
    },
    body: JSON.stringify({ startLocation: 'Barstow, CA', endLocation: 'Needles, CA', durationDays: 3 }),
  });
  expect(answer.status).toBe(200);
}

const usageByUser = 'console/overview?by=user';

/** The page with the form, after the app has found nobody. */
async function openForm(): Promise<WatchedPage> {
  const watched = await openPage(world.browser, `${world.stack.url}/${usageByUser}`, [new URL(world.stack.url).host]);
  await watched.page.getByLabel('Access key or token').waitFor();
  watched.faults.length = 0;
  return watched;
}

async function withCredential(credential: string): Promise<WatchedPage> {
  const watched = await openForm();
  await signIn(watched.page, credential);
  return watched;
}

async function withCookie(value: string): Promise<WatchedPage> {
  const context = await world.browser.newContext();
  await context.addCookies([{ name: COOKIE, value, url: world.stack.url, httpOnly: true, sameSite: 'Lax' }]);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(`${world.stack.url}/${usageByUser}`);
  return { page, faults };
}

async function withPrincipal(id: string, roles: string[]): Promise<WatchedPage> {
  platform.signIn({ id, roles });
  return openPage(world.browser, `${platform.url}/${usageByUser}`, [new URL(platform.url).host]);
}

const usersShown = (page: Page): Promise<string[]> =>
  page.getByRole('region', { name: 'By user' }).first().locator('tbody tr td:first-child').allInnerTexts();

const ways: [string, (as: 'user' | 'admin') => Promise<WatchedPage>, string][] = [
  ['an access key', (as) => withCredential(as === 'admin' ? ADMIN_KEY : USER_KEY), 'front-end'],
  [
    'a token',
    async (as) => withCredential(`Bearer ${await tokenOf(as === 'admin' ? { sub: 'boss', roles: ['admin'] } : {})}`),
    'sam',
  ],
  [
    'a session cookie of Auth.js',
    async (as) => withCookie(await sessionOf(as === 'admin' ? { sub: 'boss', role: 'admin' } : { sub: 'sam' }, SECRET)),
    'sam',
  ],
  [
    'App Service Authentication',
    (as) => (as === 'admin' ? withPrincipal('boss', [ADMIN_ROLE]) : withPrincipal('sam', ['Reader'])),
    'sam',
  ],
];

describe.each(ways)('with %s', (_name, open, own) => {
  test('a user sees own usage and the views of users alone', async () => {
    const { page, faults } = await open('user');
    await expect.poll(() => usersShown(page)).toEqual([expect.stringContaining(own)]);
    expect(await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allInnerTexts()).toEqual([
      ...['Overview', 'Outcomes', 'Instances', 'Limits', 'Try it'],
    ]);
    await page.goto(`${new URL(page.url()).origin}/console/administration`);
    await page.getByText('There is no such view, or it is for admins alone.').waitFor();
    expect(faults).toEqual([]);
  });

  test('an admin sees all users and all views', async () => {
    const { page, faults } = await open('admin');
    await expect.poll(async () => (await usersShown(page)).sort()).toEqual(['front-end', 'lee', 'sam']);
    const views = page.getByRole('navigation', { name: 'Views' }).getByRole('link');
    expect(await views.allInnerTexts()).toEqual(expect.arrayContaining(['Pipeline', 'Administration']));
    expect(faults).toEqual([]);
  });
});

test('an expired token is refused in the app’s words, and is not kept', async () => {
  const { page } = await openForm();
  await page.getByLabel('Access key or token').fill(await tokenOf({}, (token) => token.setExpirationTime('-2m')));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('invalid_credential').waitFor();
  expect(await page.evaluate('sessionStorage.length')).toBe(0);
});

test('a session that has ended is said to have ended', async () => {
  const { page } = await withCookie(await sessionOf({ sub: 'sam' }, SECRET, { maxAge: -60 }));
  await page.getByRole('alert').getByText('has expired').waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await takeScreens(page, 'sign-in-expired');
});

test('nobody is signed in by a principal that the client sends', async () => {
  platform.signIn(undefined);
  const principal = Buffer.from('{"claims":[{"typ":"sub","val":"boss"}]}').toString('base64');
  const answer = await fetch(`${platform.url}/api/caller`, { headers: { 'x-ms-client-principal': principal } });
  expect(answer.status).toBe(401);
});

test('an admin whom the platform signed in changes things from the console, and not by a form', async () => {
  const { page, faults } = await withPrincipal('boss', [ADMIN_ROLE]);
  const signOut = page.getByRole('link', { name: 'Sign out' });
  expect(await signOut.getAttribute('href')).toBe('/.auth/logout?post_logout_redirect_uri=/console');
  await page.getByRole('link', { name: 'Limits' }).click();
  await page.getByRole('button', { name: 'New policy …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('by-the-platform');
  await dialog.getByRole('button', { name: 'Show the difference' }).click();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('status').getByText('Created by-the-platform.').waitFor();
  expect(await policyAtServer(world.stack, 'by-the-platform')).toBeDefined();
  const form = await fetch(`${platform.url}/api/limits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'by-a-form', scope: 'global', window: 'day', maxUsd: 1, type: 'allow' }),
  });
  expect([form.status, await form.json()]).toMatchObject([403, { code: 'not_from_script' }]);
  expect(faults).toEqual([]);
});
