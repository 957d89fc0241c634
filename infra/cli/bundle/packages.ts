import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchPackages } from './fetch-packages.ts';

export interface Locked {
  version?: string;
  integrity?: string;
  /** Machines that a package with native code is for. */
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/**
 * Copies packages and all that they need from one folder's node_modules to another's, as the lock file has them. Native parts are those
 * for Azure; where this machine lacks them they are fetched. Of a package in `onlyFiles` just those files are copied, without what it
 * needs itself.
 */
export async function copyPackages(
  names: string[],
  from: string,
  to: string,
  onlyFiles: Readonly<Record<string, RegExp>> = {},
): Promise<void> {
  const { packages } = JSON.parse(await readFile(join(from, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  await rm(join(to, 'node_modules'), { recursive: true, force: true });
  const places = placesOf(
    names.filter((name) => !(name in onlyFiles)),
    packages,
  ).filter((place) => runsInAzure(packages[place] ?? {}));
  for (const place of places)
    if (existsSync(join(from, place))) await cp(join(from, place), join(to, place), { recursive: true });
  const missing = places.filter((place) => !existsSync(join(from, place)) && isNative(packages[place] ?? {}));
  if (missing.length > 0) await fetchPackages(missing, packages, to);
  for (const [name, files] of Object.entries(onlyFiles)) {
    const place = join(from, 'node_modules', name);
    for (const file of await readdir(place))
      if (files.test(file)) await cp(join(place, file), join(to, 'node_modules', name, file));
  }
}

const isNative = ({ os, cpu, libc }: Locked): boolean => (os ?? cpu ?? libc) !== undefined;

/** The function app runs on Linux, x64, glibc. */
export const runsInAzure = ({ os, cpu, libc }: Locked): boolean =>
  [
    [os, 'linux'],
    [cpu, 'x64'],
    [libc, 'glibc'],
  ].every(([allowed, target]) => allowed === undefined || allowed.includes(target as string));

/** Where the packages and all that they need stand, each below `node_modules`. */
export function placesOf(names: string[], packages: Record<string, Locked>): string[] {
  const found = new Set<string>();
  const visit = (name: string, within: string): void => {
    const place = upwards(within)
      .map((folder) => `${folder}node_modules/${name}`)
      .find((path) => path in packages);
    if (place === undefined || found.has(place)) return;
    found.add(place);
    const { dependencies, optionalDependencies } = packages[place] ?? {};
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) visit(needed, `${place}/`);
  };
  for (const name of names) visit(name, '');
  return [...found].sort();
}

/** The folders in which a package within `folder` looks for another, the nearest first. */
function upwards(folder: string): string[] {
  if (folder === '') return [''];
  return [folder, ...upwards(folder.slice(0, folder.lastIndexOf('node_modules/')))];
}
