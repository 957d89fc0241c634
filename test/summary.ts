import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with the one line that other programs read: `N passed, N failed`. */
export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const brokenFiles = modules.filter((module) => module.state() === 'failed' && !hasFailedTest(module)).length;
    const passed = states.filter((state) => state === 'passed').length;
    const failed = states.filter((state) => state === 'failed').length + brokenFiles + errors.length;

    setImmediate(() => process.stdout.write(`${passed} passed, ${failed} failed\n`));
  }
}

const hasFailedTest = (module: TestModule): boolean =>
  [...module.children.allTests()].some((test) => test.result().state === 'failed');
