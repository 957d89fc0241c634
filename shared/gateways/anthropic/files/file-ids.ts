import { isRecord } from '../../../util/json/record.ts';

/** Ids of the files that a request names, wherever they stand. @param value JSON that nests no deeper than requests may */
export function fileIdsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(fileIdsOf);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'file_id' && typeof member === 'string' ? [member] : fileIdsOf(member),
  );
}
