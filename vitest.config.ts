import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'infra/local/*/test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Its files import JSON without an attribute, which Node itself refuses.
    server: { deps: { inline: [/@actions\/(workflow-parser|expressions)/] } },
    setupFiles: ['./test/support/watch-logs.ts'],
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/summary.ts'],
  },
});
