import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with the one line that other programs read: `N passed, N failed`. */
export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const brokenFiles = modules.filter((module) => module.state() === 'failed' && !hasFailedTest(module)).length;
    const passed = states.filter((state) => state === 'passed').length;
    const failed = states.filter((state) => state === 'failed').length + brokenFiles + errors.length;

    // Vitest can end over a failure before it has noted it; then nothing else says which file it was.
    const unfinished = modules.filter((module) => module.state() === 'pending' || module.state() === 'queued');
    for (const { relativeModuleId } of unfinished) process.stdout.write(`Without a result: ${relativeModuleId}\n`);

    setImmediate(() => process.stdout.write(`${passed} passed, ${failed} failed\n`));
  }
}

const hasFailedTest = (module: TestModule): boolean =>
  [...module.children.allTests()].some((test) => test.result().state === 'failed');
