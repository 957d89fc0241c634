import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Options of a command of the Azure CLI by name; `true` for one without a value. */
export type AzOptions = Record<string, string | string[] | true>;

/**
 * Runs a command of the Azure CLI, such as `group show`, and returns its JSON; undefined when it prints nothing.
 * @throws AzError
 */
export type Az = <T = unknown>(command: string, options?: AzOptions) => Promise<T>;

/** The Azure CLI failed. The message is the CLI's own. */
export class AzError extends Error {}

/** The Azure CLI on PATH; a call rejects with how to install it when it is missing. Nothing of what it reads or prints is logged. */
export function openAz(signal: AbortSignal): Az {
  return <T>(command: string, options: AzOptions = {}) =>
    new Promise<T>((resolve, reject) => {
      const [file, ...first] = findAz();
      const given = Object.entries(options).flatMap(([name, value]) => [
        `--${name}`,
        ...(value === true ? [] : [value].flat()),
      ]);
      const all = [...first, ...command.split(' '), ...given, '--output', 'json', '--only-show-errors'];
      execFile(file, all, { signal, maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
        if (error) reject(signal.aborted ? signal.reason : new AzError(reasonOf(stderr) || error.message));
        else resolve((stdout.trim() === '' ? undefined : JSON.parse(stdout)) as T);
      });
    });
}

function findAz(): [string, ...string[]] {
  const isWindows = process.platform === 'win32';
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, isWindows ? 'az.cmd' : 'az'))
    .find((path) => existsSync(path));
  if (found === undefined)
    throw new Error('The Azure CLI is missing. Install it: https://learn.microsoft.com/cli/azure/install-azure-cli');
  // What az.cmd calls: a batch file can only be started by a shell, which would read the arguments again.
  return isWindows ? [join(dirname(found), '..', 'python.exe'), '-IBm', 'azure.cli'] : [found];
}

/** What the CLI printed as the reason, without its prefix and its advice on further reading. */
function reasonOf(stderr: string): string {
  const text = stderr.trim();
  const at = text.lastIndexOf('ERROR: ');
  return (at === -1 ? text : text.slice(at + 'ERROR: '.length)).slice(0, 4_000);
}
