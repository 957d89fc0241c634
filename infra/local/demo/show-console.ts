import { spawn } from 'node:child_process';
import type { Output } from '../../cli/command.ts';

/** What opens an address in the usual browser, by platform. */
const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
  linux: ['xdg-open'],
};

/** Says where the console shows the demo's data, and waits for Ctrl-C. @param opens in the usual browser too */
export async function showConsole(
  url: string,
  adminKey: string,
  { opens, output, signal }: { opens: boolean; output: Output; signal: AbortSignal },
): Promise<void> {
  const address = `${url}/console`;
  output.say(`\nThe console: ${address}\nSign in with the access key ${adminKey}. Ctrl-C ends all of it.`);
  if (opens) openAddress(address, output);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

function openAddress(address: string, output: Output): void {
  const [program, ...words] = openers[process.platform] ?? ['xdg-open'];
  spawn(program, [...words, address], { stdio: 'ignore', detached: true })
    .on('error', () => output.progress(`No browser could be opened with ${program}. Open the address by hand.`))
    .unref();
}
