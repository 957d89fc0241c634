import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'infra/local/*/test/**/*.test.ts'],
    // Wide: on a slow machine with two cores what takes a second alone takes half a minute beside other tests.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // Its files import JSON without an attribute, which Node itself refuses.
    server: { deps: { inline: [/@actions\/(workflow-parser|expressions)/] } },
    setupFiles: ['./test/support/watch-logs.ts'],
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/summary.ts'],
  },
});
