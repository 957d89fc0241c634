import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the packages of a benchmark's peers are, with a slash at its end. */
export const peersFolder = (part: string): string => fileURLToPath(new URL(`./${part}/`, import.meta.url));

/** Only this benchmark needs them, so only it installs them, from their own lock file. @param first one of them */
export async function installPeers(part: string, first: string, progress: (text: string) => void): Promise<void> {
  const cwd = peersFolder(part);
  if (existsSync(`${cwd}node_modules/${first}`)) return;
  progress('installing the peers');
  const shell = process.platform === 'win32';
  await new Promise<void>((resolve, reject) => {
    const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd, stdio: 'ignore', shell });
    npm.once('error', reject);
    npm.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`npm ci of the peers ended with ${code}`))));
  });
}
