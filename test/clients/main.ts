import { fileURLToPath } from 'node:url';
import { runCommand } from '../../infra/cli/command.ts';
import { startStack } from '../../infra/local/stack.ts';
import { runProgram } from '../support/run-program.ts';
import { clientEntries } from './clients.ts';
import { runSdks, sdkNames } from './conformance.ts';
import { DUCKDB, runDuckDb } from './duckdb.ts';
import { runNewest } from './newest/run-newest.ts';
import { platformNames, runPlatforms } from './platforms.ts';
import { runClients } from './run.ts';

/** Libraries that need Node 22. */
const NEWEST = 'newest';
const folder = fileURLToPath(new URL('.', import.meta.url));
const recordings = fileURLToPath(new URL('../fixtures/forms/', import.meta.url));

/**
 * `npm run clients`: uploads photos to the laptop stack with real HTTP clients, and calls the gateways with the libraries that people
 * use. `--record` also keeps the bytes of each form in test/fixtures/forms. Exit 1 when an upload is not 200, or brings the model another
 * number of images, or when a call has another answer, error or bill than it must, or when the gateway sends a platform of Claude what the
 * platform's own SDK does not, or when DuckDB adds up the exported files to something else than the app.
 */
const command = {
  usage: 'npm run clients -- [--only NAME] [--record]',
  options: { only: { type: 'string' }, record: { type: 'boolean' } },
} as const;

await runCommand(command, async ({ values }, output, signal) => {
  const { only } = values;
  const isAsked = (name: string): boolean => only === undefined || name === only;
  const entries = clientEntries.filter(({ name }) => isAsked(name));
  const sdks = sdkNames().filter(isAsked);
  const platforms = platformNames.filter(isAsked);
  const databases = [DUCKDB].filter(isAsked);
  const isNewest = isAsked(NEWEST) && process.platform === 'linux' && process.arch === 'x64';
  const all = [...clientEntries.map(({ name }) => name), ...sdkNames(), ...platformNames, DUCKDB, NEWEST];
  if (entries.length + sdks.length + platforms.length + databases.length === 0 && !isNewest)
    throw new Error(`--only must be one of ${all.join(', ')}, but is "${only}".`);
  const install = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  if ((await runProgram('npm', install, { cwd: folder, output, signal })) !== 0)
    throw new Error('The clients could not be installed: npm ci failed in test/clients.');
  const called = [...(await runSdks(sdks, output)), ...(await runPlatforms(platforms, output))];
  if (databases.length > 0) called.push(await runDuckDb(output));
  if (isNewest) called.push(...(await runNewest(output, signal)));
  const stack = await startStack({ log: () => undefined });
  try {
    const run = { stack, output, signal, recordings: values['record'] === true ? recordings : undefined };
    const { clients: uploaded, skipped } = await runClients(entries, run);
    const clients = [...called, ...uploaded];
    for (const { name, version, cases, failed, faults } of clients) {
      output.say(`${name} ${version}: ${cases - failed} of ${cases} right`);
      for (const fault of faults) output.say(`FAILED: ${fault}`);
    }
    for (const { name, form, reason } of skipped)
      output.say(`skipped: ${form === undefined ? name : `${form} with ${name}`}: ${reason}`);
    const ok =
      clients.every(({ failed }) => failed === 0) && (only === undefined || only === NEWEST || clients.length === 1);
    return { ok, clients, skipped };
  } finally {
    await stack.close();
  }
});
