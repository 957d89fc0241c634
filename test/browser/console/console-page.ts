import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { openPage, type WatchedPage } from '../browser.ts';
import type { World } from '../with-browser.ts';

/** Where screenshots of a run are kept for a person to look at. */
const screens = fileURLToPath(new URL('../../../dist/screens/', import.meta.url));

const widths = { wide: 1440, phone: 390 } as const;
const schemes = ['light', 'dark'] as const;

/** The console at a view, signed in with an access key. */
export async function openConsole({ browser, stack: { url } }: World, view: string, key: string): Promise<WatchedPage> {
  const watched = await openPage(browser, `${url}/console/${view}`, [new URL(url).host]);
  await signIn(watched.page, key);
  // What the page says of the request without a key, before the form is shown.
  watched.faults.length = 0;
  return watched;
}

export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Access key or token').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
}

/** Keeps pictures of the page at both widths, light and dark. */
export async function takeScreens(page: Page, name: string): Promise<void> {
  await mkdir(screens, { recursive: true });
  for (const [width, pixels] of Object.entries(widths))
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: pixels, height: 900 });
      // The chart is drawn again for another width.
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      await page.screenshot({ path: `${screens}${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: widths.wide, height: 900 });
}

/** How far the page is wider than the window, in px. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
