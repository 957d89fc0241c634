import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildApp } from '../build.ts';
import { sha256Of, zipFolder } from './zip.ts';

/** A package that can be deployed. */
export interface Package {
  file: string;
  /** Hexadecimal. */
  sha256: string;
  found: string;
}

/** Builds the app and packs it into this file. */
export async function buildPackage(file: string): Promise<Package> {
  const folder = await mkdtemp(join(tmpdir(), 'package-'));
  try {
    await buildApp({ outDir: folder, deployable: true });
    const bytes = await zipFolder(folder);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    return described(file, bytes);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A package that was built before. @throws Error when it is not the one with this hash */
export async function readPackage(file: string, sha256: string | undefined): Promise<Package> {
  const bytes = await readFile(file);
  const found = described(file, bytes);
  if (sha256 !== undefined && sha256.toLowerCase() !== found.sha256)
    throw new Error(`${file} is not the package that was tested: its SHA-256 is ${found.sha256}, not ${sha256}.`);
  return found;
}

function described(file: string, bytes: Uint8Array): Package {
  const sha256 = sha256Of(bytes);
  return { file, sha256, found: `${file}, ${(bytes.length / 1e6).toFixed(1)} MB, SHA-256 ${sha256}` };
}
