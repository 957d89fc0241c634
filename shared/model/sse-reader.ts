const LF = 10;
const CR = 13;
const COLON = 58;
const SPACE = 32;

/** One dispatched event. */
export interface SseEvent {
  name: string;
  /** UTF-8 bytes of the data. */
  dataBytes: number;
  /** The data as text; decoded when asked for, and valid only during the call. */
  data(): string;
  /** Where in the chunk that is being read the event begins; 0 when it began in an earlier one. */
  start: number;
}

/**
 * Reads server-sent events out of bytes as they pass, however they are cut into chunks (WHATWG grammar: LF, CRLF or CR,
 * comments, several data lines). It keeps no more than the unfinished event.
 */
export class SseReader {
  readonly #onEvent: (event: SseEvent) => void;
  #unfinishedLine: Uint8Array[] = [];
  #name = '';
  #data: Uint8Array[] = [];
  #skipLineFeed = false;
  #eventStart = 0;
  #firstLine = true;

  constructor(onEvent: (event: SseEvent) => void) {
    this.#onEvent = onEvent;
  }

  feed(chunk: Uint8Array): void {
    this.#eventStart = 0;
    let at = 0;
    const hasCr = chunk.includes(CR);
    while (at < chunk.length) {
      if (this.#skipLineFeed && chunk[at] === LF) {
        this.#skipLineFeed = false;
        at += 1;
        if (at === chunk.length) break;
      }
      this.#skipLineFeed = false;
      const end = lineEnd(chunk, at, hasCr);
      if (end === -1) {
        this.#unfinishedLine.push(chunk.slice(at));
        break;
      }
      const rest = chunk.subarray(at, end);
      const line = this.#unfinishedLine.length === 0 ? rest : Buffer.concat([...this.#unfinishedLine, rest]);
      this.#unfinishedLine = [];
      this.#skipLineFeed = chunk[end] === CR;
      at = end + 1;
      this.#line(line, at);
    }
    // Lines of an event that the next chunk continues must outlive this chunk, whose memory its owner may use again.
    this.#data = this.#data.map((line) => (line.buffer === chunk.buffer ? line.slice() : line));
  }

  #line(line: Uint8Array, next: number): void {
    if (line.length === 0) {
      this.#dispatch(next);
      return;
    }
    const bom = this.#firstLine && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? 3 : 0;
    this.#firstLine = false;
    const colon = line.indexOf(COLON, bom);
    if (colon === bom) return;
    const field = decode(line.subarray(bom, colon === -1 ? line.length : colon));
    const from = colon === -1 ? line.length : line[colon + 1] === SPACE ? colon + 2 : colon + 1;
    if (field === 'event') this.#name = decode(line.subarray(from));
    else if (field === 'data') this.#data.push(line.subarray(from));
  }

  #dispatch(next: number): void {
    const lines = this.#data;
    if (lines.length > 0) {
      this.#onEvent({
        name: this.#name,
        dataBytes: lines.reduce((sum, line) => sum + line.length, lines.length - 1),
        data: () => lines.map(decode).join('\n'),
        start: this.#eventStart,
      });
    }
    this.#name = '';
    this.#data = [];
    this.#eventStart = next;
  }
}

function lineEnd(chunk: Uint8Array, from: number, hasCr: boolean): number {
  const lf = chunk.indexOf(LF, from);
  if (!hasCr) return lf;
  const cr = chunk.indexOf(CR, from);
  if (cr === -1) return lf;
  return lf === -1 ? cr : Math.min(lf, cr);
}

const decode = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
