import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Locked } from './packages.ts';

const run = promisify(execFile);
const forAzure = ['--os=linux', '--cpu=x64', '--libc=glibc'];
const quietly = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];

/**
 * Fetches packages that npm does not install on this machine, such as native code for Linux on a Mac, from the registry.
 * @param places where they stand below a folder, such as `node_modules/@img/sharp-linux-x64`
 * @throws Error when one is not what the lock file says
 */
export async function fetchPackages(places: string[], packages: Record<string, Locked>, to: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'packages-'));
  try {
    const wanted = places.map((place) => `${place.slice('node_modules/'.length)}@${packages[place]?.version}`);
    const args = ['install', '--prefix', folder, ...quietly, ...forAzure, ...wanted];
    // npm's own script, since npm is a batch file on Windows.
    const npm = process.env['npm_execpath'];
    await (npm === undefined ? run('npm', args) : run(process.execPath, [npm, ...args]));
    const installed = JSON.parse(await readFile(join(folder, 'node_modules', '.package-lock.json'), 'utf8')) as {
      packages: Record<string, Locked>;
    };
    for (const place of places) {
      const { integrity } = packages[place] ?? {};
      if (integrity === undefined || installed.packages[place]?.integrity !== integrity)
        throw new Error(`${place} from the registry is not what package-lock.json says.`);
      await cp(join(folder, place), join(to, place), { recursive: true });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
