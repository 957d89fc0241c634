import { crc32 } from 'node:zlib';
import type { Change } from '../queue/entry.ts';

/** A change of one queue, named by its path (`q` or `q/$deadletterqueue`). */
export interface JournalRecord {
  queue: string;
  change: Change;
}

/** Length and checksum of what follows; the length of the JSON; the JSON; annotations and message bytes. */
export function encodeRecord(queue: string, change: Change): Buffer[] {
  const isPut = change.kind === 'put';
  const head = Buffer.from(JSON.stringify({ queue, change: isPut ? flat(change) : change }), 'utf8');
  const content = isPut ? [change.entry.content.annotations, change.entry.content.bare] : [];
  const jsonLength = Buffer.allocUnsafe(4);
  jsonLength.writeUInt32BE(head.length, 0);
  const body = [jsonLength, head, ...content];
  const frame = Buffer.allocUnsafe(8);
  frame.writeUInt32BE(
    body.reduce((sum, part) => sum + part.length, 0),
    0,
  );
  frame.writeUInt32BE(
    body.reduce((sum, part) => crc32(part, sum), 0),
    4,
  );
  return [frame, ...body];
}

/** The entry without its bytes and its lock, which JSON shall not hold. */
function flat({ entry, ...rest }: Extract<Change, { kind: 'put' }>): object {
  const { lock: _, content, expiresAt, ...plain } = entry;
  const { bare, annotations, ...known } = content;
  return {
    ...rest,
    entry: { ...plain, ...(expiresAt === Infinity ? {} : { expiresAt }), content: known },
    annotations: annotations.length,
  };
}

/** Gives out every whole record from `start` on; returns where they end. */
export function readRecords(bytes: Buffer, start: number, restore: (record: JournalRecord) => void): number {
  let at = start;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (body.length < length || crc32(body) !== bytes.readUInt32BE(at + 4)) break;
    restore(decodeRecord(body));
    at += 8 + length;
  }
  return at;
}

function decodeRecord(body: Buffer): JournalRecord {
  const jsonEnd = 4 + body.readUInt32BE(0);
  const record = JSON.parse(body.toString('utf8', 4, jsonEnd));
  if (record.change.kind !== 'put') return record as JournalRecord;
  const { annotations, entry, ...change } = record.change;
  const content = {
    // JSON leaves out what is undefined.
    ttlMs: undefined,
    scheduledAt: undefined,
    messageId: undefined,
    ...entry.content,
    annotations: Buffer.from(body.subarray(jsonEnd, jsonEnd + annotations)),
    bare: Buffer.from(body.subarray(jsonEnd + annotations)),
  };
  return { queue: record.queue, change: { ...change, entry: { expiresAt: Infinity, ...entry, content } } };
}
