import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Stack } from '../../infra/local/stack.ts';
import { startBrowser } from './browser.ts';

export interface World {
  browser: Browser;
  stack: Stack;
}

/**
 * A browser and a stack for the tests of a file. They are there in tests, and in hooks that come after the call. The pages of a test are
 * closed at its end: they would go on asking the app.
 */
export function withBrowser(start: () => Promise<Stack>): World {
  const world = {} as World;
  beforeAll(async () => {
    world.browser = await startBrowser();
    world.stack = await start();
  });
  afterEach(async () => {
    for (const context of world.browser.contexts()) {
      for (const page of context.pages()) await page.unrouteAll({ behavior: 'ignoreErrors' });
      await context.close();
    }
  });
  afterAll(async () => {
    await world.browser?.close();
    await world.stack?.close();
  });
  return world;
}
