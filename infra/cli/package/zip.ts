import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';

/** A zip file begins its calendar here. One time for all files makes equal folders equal archives. */
const mtime = new Date(1980, 0, 1);

/** The files of a folder as a zip archive: the same bytes for the same files, on any machine. */
export async function zipFolder(folder: string): Promise<Uint8Array> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: Zippable = {};
  for (const path of paths.sort())
    files[path.slice(folder.length + 1).replaceAll('\\', '/')] = [await readFile(path), { mtime, level: 6 }];
  return zipSync(files);
}

/** SHA-256 in hexadecimal digits, as `sha256sum` prints it. */
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
