import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Output, runCommand } from '../../infra/cli/command.ts';
import { runProgram } from '../support/run-program.ts';
import { findChromium, maySkip, NO_CHROMIUM } from './find-chromium.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const example = join(project, 'docs/examples/front-end');

/**
 * `npm run test:browser`: makes the example front-end from the description of the API, checks its types, and drives it and the page
 * of the API in Chromium. The example's packages have a lock file of their own. Without Chromium the tests are skipped, in CI they fail.
 */
await runCommand({ usage: 'npm run test:browser [-- TEST …]', words: true }, async (args, output, signal) => {
  if (!findChromium()) {
    output.say(`${maySkip() ? 'SKIPPED' : 'FAILED'}: ${NO_CHROMIUM}`);
    return { ok: maySkip(), skipped: maySkip() };
  }
  const scratch = await mkdtemp(join(tmpdir(), 'trailmeter-browser-'));
  const document = join(scratch, 'openapi.json');
  const steps: [string, string, string[]][] = [
    [project, 'npm', ['run', '--silent', 'openapi', '--', document]],
    [example, 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']],
    [example, process.execPath, ['build.mjs', '--document', document]],
    [example, process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit']],
    [
      project,
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/browser/vitest.config.ts', ...args.positionals],
    ],
  ];
  try {
    for (const [cwd, program, words] of steps)
      if (!(await passes(cwd, program, words, output, signal))) return { ok: false };
    return { ok: true };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});

async function passes(cwd: string, program: string, args: string[], output: Output, signal: AbortSignal) {
  const code = await runProgram(program, args, { cwd, output, signal });
  if (code !== 0) output.say(`FAILED: ${program} ${args.join(' ')}`);
  return code === 0;
}
