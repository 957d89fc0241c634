import type { Page } from 'playwright-core';

/** How much the page has moved since it was opened, as Chromium scores it (cumulative layout shift), without what a user caused. */
export const layoutShiftOf = (page: Page): Promise<number> =>
  page.evaluate(
    `new Promise((done) => {
      let sum = 0;
      new PerformanceObserver((list) => {
        for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) sum += value;
      }).observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => done(sum), 500);
    })`,
  );
