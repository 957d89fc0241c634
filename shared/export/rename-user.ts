import { startOfSpan } from '../usage/spans.ts';
import type { Sweep, Swept } from '../util/sweep.ts';
import type { UserRename } from '../util/user-rename.ts';
import type { ExportRow } from './columns.ts';
import { startOfRow, userOf, withUser } from './export-row.ts';
import type { StoredPart } from './export-store.ts';
import { currentParts, folderOf, partName } from './parts.ts';
import type { ExportFiles } from './usage-export.ts';

/**
 * Gives rows of a user another user's name. A file that has such rows is replaced: one under the next revision of its number is created,
 * then it is deleted. Reads every file of the time, hour by hour.
 * @returns how many files were replaced @throws ExportStoreError
 */
export async function renameUserInFiles(
  files: ExportFiles,
  rename: UserRename,
  { from, isOver }: Sweep,
): Promise<Swept> {
  let changed = 0;
  let hour = '';
  for await (const part of files.store.list({ from })) {
    if (startOfSpan(part.hour) >= rename.beforeMs) break;
    if (part.hour === hour) continue;
    if (isOver()) return { next: folderOf(part.hour), changed };
    hour = part.hour;
    changed += await renameInHour(files, hour, rename);
  }
  return { next: undefined, changed };
}

async function renameInHour(files: ExportFiles, hour: string, rename: UserRename): Promise<number> {
  const { store } = files;
  let replaced = 0;
  // Once more after each file that was replaced, maybe by another deletion: what the next revision has is not known here.
  for (let settled = false; !settled; ) {
    settled = true;
    const parts: StoredPart[] = [];
    for await (const part of store.list({ prefix: folderOf(hour) })) parts.push(part);
    const current = currentParts(parts);
    for (const part of parts) if (!current.includes(part)) await store.remove(part.name);
    for (const part of current) {
      const bytes = await renamed(files, part.name, rename);
      if (!bytes) continue;
      settled = false;
      if (!(await store.create(partName(hour, part.number, part.revision + 1), bytes))) continue;
      await store.remove(part.name);
      replaced += 1;
    }
  }
  return replaced;
}

/** The file with the other name; undefined where no row is the user's. */
async function renamed(files: ExportFiles, name: string, rename: UserRename): Promise<Uint8Array | undefined> {
  const bytes = await files.store.read(name);
  if (!bytes) return undefined;
  const isOfUser = (row: ExportRow): boolean => userOf(row) === rename.userId && startOfRow(row) < rename.beforeMs;
  let found = false;
  const file = files.createParquetFile();
  for await (const row of files.rowsOfParquet(bytes)) {
    const isFound = isOfUser(row);
    found ||= isFound;
    file.add(isFound ? withUser(row, rename.name) : row);
  }
  return found ? file.finish() : undefined;
}
