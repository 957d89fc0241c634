import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../infra/cli/command.ts';
import { runProgram } from '../support/run-program.ts';
import { type MutationReport, scoresOf } from './scores.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const folder = fileURLToPath(new URL('.', import.meta.url));
const report = `${project}.cache/mutation/report.json`;

const command = { usage: 'npm run mutate -- [FILE OR PATTERN …]', words: true } as const;

/** `npm run mutate`: changes the code that decides on money and delivery, and lists the changes that no unit test notices. */
await runCommand(command, async ({ positionals }, output, signal) => {
  if ((await runProgram('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, output, signal })) !== 0)
    throw new Error('StrykerJS could not be installed: npm ci failed in test/mutation.');
  const stryker = [
    'test/mutation/node_modules/@stryker-mutator/core/bin/stryker.js',
    ...['run', 'test/mutation/stryker.config.mjs'],
    ...(positionals.length > 0 ? ['--mutate', positionals.join(',')] : []),
  ];
  if ((await runProgram(process.execPath, stryker, { cwd: project, output, signal })) !== 0)
    throw new Error('StrykerJS failed: its output above says why.');
  const files = scoresOf(JSON.parse(await readFile(report, 'utf8')) as MutationReport);
  for (const { file, score, survived } of files) output.say(`${file}: ${score} % noticed, ${survived} not`);
  return { ok: true, files };
});
