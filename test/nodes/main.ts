import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../infra/cli/command.ts';
import { runProgram } from '../support/run-program.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const folder = fileURLToPath(new URL('.', import.meta.url));

const command = {
  usage: 'npm run test:nodes -- [--node 22|24] [FOLDER OR FILE OF TESTS …]',
  options: { node: { type: 'string' } },
  words: true,
} as const;

/** `npm run test:nodes`: the tests on other versions of Node, whose binaries come from npm packages with a lock file of their own. */
await runCommand(command, async (args, output, signal) => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      'The Node binaries of test/nodes are for Linux on x64. Elsewhere, run npm test with the Node that you want to try.',
    );
  const versions = await readVersions();
  const wanted = args.values['node'];
  if (wanted !== undefined && !versions.includes(String(wanted)))
    throw new Error(`--node must be one of ${versions.join(', ')}, but is "${String(wanted)}".`);
  if ((await runProgram('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, output, signal })) !== 0)
    throw new Error('The Node binaries could not be installed: npm ci failed in test/nodes.');
  const runs: { node: string; ok: boolean }[] = [];
  for (const node of versions.filter((version) => wanted === undefined || version === wanted)) {
    signal.throwIfAborted();
    output.progress(`Node ${node}:`);
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...args.positionals];
    runs.push({ node, ok: (await runProgram(binaryOf(node), vitest, { cwd: project, output, signal })) === 0 });
  }
  for (const { node, ok } of runs) output.say(`Node ${node}: ${ok ? 'all tests passed' : 'tests failed'}`);
  return { ok: runs.every(({ ok }) => ok), runs };
});

/** The major versions in package.json, such as `22` of `node-22`. */
async function readVersions(): Promise<string[]> {
  const { dependencies } = JSON.parse(await readFile(`${folder}package.json`, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.keys(dependencies).map((name) => name.replace('node-', ''));
}

function binaryOf(version: string): string {
  return `${folder}node_modules/node-${version}/bin/node`;
}
