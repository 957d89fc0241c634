import { defineConfig } from 'vitest/config';

/** `npm run test:browser`, which makes what these tests need first. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.browser.ts'],
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000, interval: 200 } },
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
    reporters: ['default', './test/summary.ts'],
  },
});
