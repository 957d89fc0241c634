import type { ByteRead, ByteReader } from '../../util/fetch/byte-reader.ts';

const LF = 10;
const CR = 13;

/** A larger event cannot be a chunk of usage: it passes as it comes. In bytes. */
const MOST_EVENT_BYTES = 262_144;

const dataLine = /^data: ?([^\r\n]*)/m;
/** Quotes inside texts are escaped, so that this is a member wherever it stands. */
const noUsage = /,\s*"usage"\s*:\s*null/;

/**
 * A stream of chat completions without the usage that its client did not ask for: without the last chunk that has only that, and
 * without `"usage": null` in the chunks before it. Everything else passes as it is, in whole
 * events.
 */
export function withoutUsage(source: ByteReader): ByteReader {
  let unfinished: Buffer = Buffer.alloc(0);
  return {
    async read(): Promise<ByteRead> {
      for (;;) {
        const read = await source.read();
        if (read.done) {
          const value = unfinished;
          unfinished = Buffer.alloc(0);
          return value.length > 0 ? { done: false, value } : { done: true, value: undefined };
        }
        const { passing, rest } = split(Buffer.concat([unfinished, read.value]));
        const isKept = rest.length <= MOST_EVENT_BYTES;
        unfinished = isKept ? Buffer.from(rest) : Buffer.alloc(0);
        const value = isKept ? passing : Buffer.concat([passing, rest]);
        if (value.length > 0) return { done: false, value };
      }
    },
    cancel: (reason) => source.cancel(reason),
  };
}

/** What passes of the whole events of some bytes, and the bytes of the event that is not whole yet. */
function split(bytes: Buffer): { passing: Buffer; rest: Buffer } {
  const events: Buffer[] = [];
  let from = 0;
  for (let end = eventEnd(bytes, from); end !== -1; end = eventEnd(bytes, from)) {
    events.push(passed(bytes.subarray(from, end)));
    from = end;
  }
  return { passing: Buffer.concat(events), rest: bytes.subarray(from) };
}

/** Where the event that begins at `from` ends, with its empty line; -1 where the rest of it is still to come. */
function eventEnd(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const end = lineBreak(bytes, at);
    if (end === 0) continue;
    const second = lineBreak(bytes, at + end);
    if (second > 0) return at + end + second;
    at += end - 1;
  }
  return -1;
}

/** How many bytes of a line's end stand at `at`; a CR at the end of what came counts when the next chunk shows what follows. */
function lineBreak(bytes: Buffer, at: number): number {
  if (bytes[at] === LF) return 1;
  if (bytes[at] !== CR || at + 1 === bytes.length) return 0;
  return bytes[at + 1] === LF ? 2 : 1;
}

function passed(event: Buffer): Buffer {
  if (!event.includes('"usage"')) return event;
  const text = event.toString('utf8');
  const chunk = parse(dataLine.exec(text)?.[1]);
  if (chunk?.usage === null) return Buffer.from(text.replace(noUsage, ''));
  return Array.isArray(chunk?.choices) && chunk.choices.length === 0 && chunk.usage ? Buffer.alloc(0) : event;
}

function parse(data: string | undefined): { usage?: unknown; choices?: unknown } | undefined {
  try {
    return JSON.parse(data ?? '') ?? undefined;
  } catch {
    return undefined; // Not a chunk: it passes.
  }
}
