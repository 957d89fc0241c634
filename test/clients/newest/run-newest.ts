import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Output } from '../../../infra/cli/command.ts';
import { runProgram } from '../../support/run-program.ts';
import { outputOf } from '../client.ts';
import type { ClientResult } from '../run.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Calls both gateways with libraries that need Node 22, whose binary comes from npm; for Linux on x64. */
export async function runNewest(output: Output, signal: AbortSignal): Promise<ClientResult[]> {
  output.progress('libraries that need Node 22 …');
  const install = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  if ((await runProgram('npm', install, { cwd: folder, output, signal })) !== 0)
    throw new Error('The clients could not be installed: npm ci failed in test/clients/newest.');
  // The same programs, which find the packages of this folder from there.
  await cp(`${folder}../sdks`, `${folder}node_modules/.sdks`, { recursive: true });
  const program = ['--import', 'tsx', `${folder}main.ts`];
  return JSON.parse(await outputOf(`${folder}node_modules/node-22/bin/node`, program, { signal })) as ClientResult[];
}
