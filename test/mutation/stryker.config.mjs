/** Files in which a wrong line costs money or loses usage. Fast unit tests cover them. */
const mutate = [
  'shared/pricing/*.ts',
  'shared/util/money.ts',
  'shared/model/usage/*.ts',
  'shared/model/request/*.ts',
  'shared/tracking/holds/*.ts',
  'shared/limits/gate/call-bound.ts',
  'shared/limits/gate/learned-bounds.ts',
  'shared/limits/state/limit-math.ts',
  'shared/limits/allocation/allocation.ts',
  'shared/ingest/decide.ts',
  'shared/ingest/ingest-answer.ts',
  'shared/ingest/ingest-result.ts',
  'shared/ingest/retry-schedule.ts',
];

/** StrykerJS changes one operator or value at a time and runs the tests that reach it: a change that no test notices survives. */
export default {
  mutate,
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/unit.config.ts', related: true },
  // Texts are for people, and tests name few of them.
  mutator: { excludedMutations: ['StringLiteral'] },
  ignorePatterns: ['dist', '.cache'],
  ignoreStatic: true,
  // Stryker would rewrite references in a tsconfig by TypeScript's API, which version 7 does not have. Ours has no references.
  tsconfigFile: 'none',
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: '.cache/mutation/report.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: '.cache/mutation/sandbox',
  cleanTempDir: 'always',
  concurrency: 2,
  timeoutMS: 20_000,
  thresholds: { high: 90, low: 80, break: null },
};
