import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'infra/local/*/test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Its files import JSON without an attribute, which Node itself refuses.
    server: { deps: { inline: [/@actions\/(workflow-parser|expressions)/] } },
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/summary.ts'],
  },
});
