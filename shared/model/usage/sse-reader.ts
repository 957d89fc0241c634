const LF = 10;
const CR = 13;
const COLON = 58;
const SPACE = 32;
/**
 * An event is kept up to this many bytes; far more than one has, with its search results, pictures or sound. It is the most that is
 * remembered of a stream's bytes.
 */
export const MOST_EVENT_BYTES = 33_554_432;
/** Stands for the beginning of a line that is not kept: the line is not empty. */
const lostBeginning = Buffer.from('?');
const eventField = Buffer.from('event');
/** What a line may begin with that says nothing about an answer: a comment, or how a client connects again. */
const silentLine = /^(?::|id:|retry:)/;
const dataField = Buffer.from('data');

/** One dispatched event. The same object for each: valid only during the call. */
export interface SseEvent {
  name: string;
  /** UTF-8 bytes of the data. */
  dataBytes: number;
  /** The data as text; decoded when asked for. '' where it is larger than `MOST_EVENT_BYTES`. */
  data(): string;
  /** Where in the chunk that is being read the event begins; 0 when it began in an earlier one. */
  start: number;
}

/**
 * Reads server-sent events out of bytes as they pass, however they are cut into chunks (WHATWG grammar: LF, CRLF or CR,
 * comments, several data lines). It keeps no more than the unfinished event, and of one that is too large its size alone.
 */
export class SseReader {
  readonly #onEvent: (event: SseEvent) => void;
  readonly #data: Buffer[] = [];
  readonly #event: SseEvent = { name: '', dataBytes: 0, start: 0, data: () => this.#data.join('\n') };
  #unfinishedLine: Buffer[] = [];
  /** Bytes of both. */
  #dataBytes = 0;
  #lineBytes = 0;
  /** Bytes of an event that is too large to be kept. */
  #lostBytes = 0;
  #oddBytes = 0;
  #skipLineFeed = false;
  #firstLine = true;

  constructor(onEvent: (event: SseEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** Bytes that belong to no event so far: of one that is not finished, and of lines that are not a field. */
  get unreadBytes(): number {
    const line = isSilent(this.#unfinishedLine[0] ?? lostBeginning) ? 0 : this.#lineBytes;
    return this.#oddBytes + this.#lostBytes + this.#dataBytes + line;
  }

  feed(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const hasCr = bytes.includes(CR);
    this.#event.start = 0;
    let at = 0;
    while (at < bytes.length) {
      const skip = this.#skipLineFeed && bytes[at] === LF;
      this.#skipLineFeed = false;
      if (skip) {
        at += 1;
        continue;
      }
      const end = lineEnd(bytes, at, hasCr);
      if (end === -1) {
        this.#keepBeginning(bytes.subarray(at));
        break;
      }
      if (this.#unfinishedLine.length === 0) this.#line(bytes, at, end, end + 1);
      else {
        const line = Buffer.concat([...this.#unfinishedLine, bytes.subarray(at, end)]);
        this.#unfinishedLine = [];
        this.#lineBytes = 0;
        this.#line(line, 0, line.length, end + 1);
      }
      this.#skipLineFeed = bytes[end] === CR;
      at = end + 1;
    }
    // Lines of an event that the next chunk continues must outlive this chunk, whose memory its owner may use again.
    for (const [place, line] of this.#data.entries()) {
      if (line.buffer === bytes.buffer) this.#data[place] = copyOf(line);
    }
  }

  #keepBeginning(part: Buffer): void {
    if (!this.#hasRoom(part.length)) {
      this.#unfinishedLine = [lostBeginning];
      return;
    }
    this.#unfinishedLine.push(copyOf(part));
    this.#lineBytes += part.length;
  }

  /** Whether so many bytes more of the event can be kept. Else nothing of it is kept from here on. */
  #hasRoom(more: number): boolean {
    const kept = this.#dataBytes + this.#lineBytes;
    if (this.#lostBytes === 0 && kept + more <= MOST_EVENT_BYTES) return true;
    this.#lostBytes += kept + more;
    this.#data.length = 0;
    this.#dataBytes = 0;
    this.#lineBytes = 0;
    return false;
  }

  /** @param next where the chunk goes on behind the line. */
  #line(bytes: Buffer, start: number, end: number, next: number): void {
    if (start === end) {
      this.#dispatch(next);
      return;
    }
    const hasMark = this.#firstLine && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
    this.#firstLine = false;
    const from = hasMark ? start + 3 : start;
    const data = valueStart(bytes, from, end, dataField);
    if (data !== -1) {
      if (!this.#hasRoom(end - data)) return;
      this.#data.push(bytes.subarray(data, end));
      this.#dataBytes += end - data;
      return;
    }
    const name = valueStart(bytes, from, end, eventField);
    if (name !== -1) this.#event.name = bytes.toString('utf8', name, end);
    else if (!isSilent(bytes.subarray(from, end))) this.#oddBytes += end - from;
  }

  #dispatch(next: number): void {
    const event = this.#event;
    if (this.#data.length > 0 || this.#lostBytes > 0) {
      event.dataBytes = this.#lostBytes || this.#dataBytes + this.#data.length - 1;
      this.#onEvent(event);
      this.#data.length = 0;
      this.#dataBytes = 0;
      this.#lostBytes = 0;
    }
    event.name = '';
    event.start = next;
  }
}

function lineEnd(bytes: Buffer, from: number, hasCr: boolean): number {
  const lf = bytes.indexOf(LF, from);
  if (!hasCr) return lf;
  const cr = bytes.indexOf(CR, from);
  if (cr === -1) return lf;
  return lf === -1 ? cr : Math.min(lf, cr);
}

/** Where the value of a line of this field begins; -1 when the line is of another one. */
function valueStart(bytes: Buffer, from: number, end: number, field: Buffer): number {
  const colon = from + field.length;
  if (colon > end) return -1;
  for (let place = 0; place < field.length; place += 1) if (bytes[from + place] !== field[place]) return -1;
  if (colon === end) return end;
  if (bytes[colon] !== COLON) return -1;
  return colon + 1 < end && bytes[colon + 1] === SPACE ? colon + 2 : colon + 1;
}

const isSilent = (line: Buffer): boolean => silentLine.test(line.toString('latin1', 0, 6));

const copyOf = (bytes: Buffer): Buffer => Buffer.from(bytes);
