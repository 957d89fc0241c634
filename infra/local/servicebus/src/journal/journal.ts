import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import type { Change } from '../queue/entry.ts';
import { lockFile } from './file-lock.ts';
import { JournalError } from './journal-error.ts';
import { encodeRecord, type JournalRecord, readRecords } from './journal-record.ts';

const magic = Buffer.from('trailmeter-servicebus-1\n');
/** A file smaller than this is never worth rewriting. */
const COMPACTION_FLOOR = 16 << 20;
const CHUNK_BYTES = 1 << 20;

/**
 * The queues in a file: an append-only log of their changes, rewritten when most of it is history.
 * A record counts once it is whole: it has its length and a checksum in front, and a torn last one is cut off.
 * Written records survive the end of the process (also by `kill -9`), not the end of the machine: nothing waits for the disk.
 */
export class Journal {
  readonly #file: string;
  readonly #unlock: () => void;
  #descriptor: number;
  #pending: Buffer[] = [];
  #fileBytes: number;

  private constructor(file: string, unlock: () => void, descriptor: number, fileBytes: number) {
    this.#file = file;
    this.#unlock = unlock;
    this.#descriptor = descriptor;
    this.#fileBytes = fileBytes;
  }

  /**
   * Opens the file, or begins it, and gives its records to `restore` in their order. No other broker may have it meanwhile.
   * @throws JournalError
   */
  static open(file: string, restore: (record: JournalRecord) => void): Journal {
    let unlock = (): void => undefined;
    try {
      unlock = lockFile(file);
      return Journal.#openLocked(file, unlock, restore);
    } catch (error) {
      unlock();
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall === undefined) throw error;
      throw new JournalError(
        `The data file ${file} can't be used (${code}): name a file in a folder that is there and can be written.`,
      );
    }
  }

  static #openLocked(file: string, unlock: () => void, restore: (record: JournalRecord) => void): Journal {
    if (!existsSync(file) || readFileSync(file).length === 0) {
      const descriptor = openSync(file, 'w');
      writeSync(descriptor, magic);
      return new Journal(file, unlock, descriptor, magic.length);
    }
    const bytes = readFileSync(file);
    if (!bytes.subarray(0, magic.length).equals(magic)) {
      throw new JournalError(`${file} is not a data file of the broker: name another one, or remove it.`);
    }
    const end = readRecords(bytes, magic.length, restore);
    const descriptor = openSync(file, 'r+');
    ftruncateSync(descriptor, end);
    closeSync(descriptor);
    return new Journal(file, unlock, openSync(file, 'a'), end);
  }

  /** Notes a change; it is in the file after the next `flush`. */
  append(queue: string, change: Change): void {
    this.#pending.push(...encodeRecord(queue, change));
  }

  /** Writes what was noted. Called before any answer leaves, so that nothing is promised that is not in the file. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    writeAll(this.#descriptor, bytes);
    this.#fileBytes += bytes.length;
  }

  /** Whether the log has grown far beyond the `live` bytes of the queues. */
  isWorthCompacting(live: number): boolean {
    return this.#fileBytes > COMPACTION_FLOOR && this.#fileBytes > 3 * live;
  }

  /** Puts a file that holds only these records in the place of the log. A crash in between leaves the old one. */
  compact(records: Iterable<JournalRecord>): void {
    this.flush();
    const next = `${this.#file}.new`;
    const descriptor = openSync(next, 'w');
    let bytes = 0;
    let parts: Buffer[] = [magic];
    let waiting = magic.length;
    const write = (): void => {
      bytes += writeAll(descriptor, Buffer.concat(parts));
      parts = [];
      waiting = 0;
    };
    for (const { queue, change } of records) {
      const encoded = encodeRecord(queue, change);
      parts.push(...encoded);
      waiting += encoded.reduce((sum, part) => sum + part.length, 0);
      if (waiting > CHUNK_BYTES) write();
    }
    write();
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(next, this.#file);
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#file, 'a');
    this.#fileBytes = bytes;
  }

  close(): void {
    this.flush();
    closeSync(this.#descriptor);
    this.#unlock();
  }
}

function writeAll(descriptor: number, bytes: Buffer): number {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  return bytes.length;
}
