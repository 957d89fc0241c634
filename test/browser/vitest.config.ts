import { defineConfig } from 'vitest/config';

/** `npm run test:browser`, which makes what these tests need first. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.browser.ts'],
    testTimeout: 180_000,
    expect: { poll: { timeout: 60_000, interval: 200 } },
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 1,
    reporters: ['default', './test/summary.ts'],
  },
});
