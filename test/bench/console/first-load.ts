import type { Page } from 'playwright-core';

/** One load of a view with nothing in the browser's cache. */
export interface FirstLoad {
  /** Page, script and style as they were sent. */
  bytes: number;
  /** ms since the navigation began, until the controls of the view are there, and until its figures are. */
  interactiveMs: number;
  figuresMs: number;
}

/** @param page signed in */
export async function measureFirstLoad(page: Page, url: string): Promise<FirstLoad> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.goto(url, { waitUntil: 'commit' });
  const interactiveMs = await timeUntil(page, 'nav a');
  const figuresMs = await timeUntil(page, 'table tbody tr');
  const bytes = await page.evaluate<number>(
    `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter(({ name }) => new URL(name).pathname.startsWith('/console'))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`,
  );
  await devtools.detach();
  return { bytes, interactiveMs, figuresMs };
}

/** When an element was there: ms since the navigation began. */
const timeUntil = (page: Page, selector: string): Promise<number> =>
  page.evaluate(
    `new Promise((done) => {
      const look = () => (document.querySelector('${selector}') ? done(performance.now()) : requestAnimationFrame(look));
      look();
    })`,
  );
