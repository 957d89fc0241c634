import type { ExportPart } from './parts.ts';

export type StoredPart = ExportPart & { hour: string };

/** Where the files are. Every method throws `ExportStoreError` when the service fails. */
export interface ExportStore {
  /** In the order of their names, which is that of time; of those whose names begin so, from one name on. */
  list(query?: { prefix?: string; from?: string }): AsyncIterable<StoredPart>;
  /** Writes a file that is not there. False, and nothing is written, where it is. */
  create(name: string, bytes: Uint8Array): Promise<boolean>;
  /** Undefined where it is not there. */
  read(name: string): Promise<Uint8Array | undefined>;
  remove(name: string): Promise<void>;
}
