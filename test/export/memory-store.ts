import type { ExportStore } from '../../shared/export/export-store.ts';
import { partOf } from '../../shared/export/parts.ts';

/** What happens to a write. `unsent`: it never arrived; `lost`: done, its answer lost. */
export type WriteFate = 'answered' | 'unsent' | 'lost';

/** Files in memory, with the rule of Blob Storage that we build on: of two that create one name, the first does. */
export class MemoryStore implements ExportStore {
  readonly files = new Map<string, Uint8Array>();
  fate: (name: string) => WriteFate = () => 'answered';

  async *list({ prefix = '', from = '' } = {}) {
    for (const name of [...this.files.keys()].sort()) {
      const part =
        name.startsWith(prefix) && name >= from ? partOf(name, this.files.get(name)?.length ?? 0) : undefined;
      if (part) yield part;
    }
  }

  async create(name: string, bytes: Uint8Array): Promise<boolean> {
    const fate = this.fate(name);
    if (fate === 'unsent') throw new Error('dropped by the test');
    const isFirst = !this.files.has(name);
    if (isFirst) this.files.set(name, bytes);
    if (fate === 'lost') throw new Error('answer lost by the test');
    return isFirst;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return this.files.get(name);
  }

  async remove(name: string): Promise<void> {
    const fate = this.fate(name);
    if (fate === 'unsent') throw new Error('dropped by the test');
    this.files.delete(name);
    if (fate === 'lost') throw new Error('answer lost by the test');
  }
}
