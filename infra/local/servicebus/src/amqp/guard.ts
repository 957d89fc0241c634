import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { checkPerformative } from './performatives.ts';

/** The largest frame that a client may send: what the standard tier of the service announces. */
export const MAX_FRAME_SIZE = 262_144;

/** While this many bytes wait for a slow peer, nothing more is handed to it. */
const CONGESTED_BYTES = 1 << 20;
const PROTOCOL_HEADER = 0x414d_5150; // "AMQP"
const LINGER_MS = 1_000;

/** An AMQP frame that no reader may be given. */
export class FramingError extends Error {
  readonly condition = 'amqp:framing-error';
}

export interface GuardOptions {
  /** Called before bytes leave: what was promised in them must be written down first. */
  beforeWrite: () => void;
  /** Bytes came that are not sound AMQP, or what was to leave could not be written down; nothing more is read. */
  onViolation: (error: Error & { condition?: string }) => void;
  /** The peer can take more after it was congested. */
  onDrain: () => void;
  /** The connection is gone, for whatever reason. Called once. */
  onClose: () => void;
}

/**
 * Stands between a socket and rhea, which trusts its peer. Inwards it passes on whole, checked frames of bounded size;
 * outwards it joins all frames of one turn of the event loop into one write.
 */
export class GuardedSocket extends EventEmitter {
  readonly #socket: Socket;
  readonly #options: GuardOptions;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  /** How many bytes must be there before the next frame can be looked at. */
  #needed = 8;
  #outgoing: Buffer[] = [];
  #outgoingBytes = 0;
  #reading = true;
  #closed = false;

  constructor(socket: Socket, options: GuardOptions) {
    super();
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => options.onDrain());
    // A reset or broken pipe is followed by 'close', which ends the connection.
    socket.on('error', () => undefined);
    socket.on('end', () => this.end());
    socket.on('close', () => this.#finish());
  }

  /** rhea asks for it when it logs. */
  get_id_string(): string {
    return `${this.#socket.remoteAddress}:${this.#socket.remotePort}`;
  }

  get congested(): boolean {
    return this.#socket.writableLength + this.#outgoingBytes > CONGESTED_BYTES;
  }

  write(bytes: Buffer): void {
    if (this.#closed) return;
    if (this.#outgoing.length === 0) setImmediate(() => this.#flush());
    this.#outgoing.push(bytes);
    this.#outgoingBytes += bytes.length;
  }

  /** Ends the connection after what was written; a peer that does not answer is cut off. */
  end(): void {
    this.#reading = false;
    setImmediate(() => {
      this.#flush();
      this.#socket.end();
      setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
    });
  }

  /** Cuts the connection off; nothing that waits is sent. */
  destroy(): void {
    this.#outgoing = [];
    this.#socket.destroy();
  }

  #flush(): void {
    if (this.#outgoing.length === 0 || this.#closed) return;
    try {
      this.#options.beforeWrite();
    } catch (error) {
      this.#options.onViolation(error instanceof Error ? error : new Error(String(error)));
      this.destroy();
      return;
    }
    const bytes = this.#outgoing.length === 1 ? (this.#outgoing[0] as Buffer) : Buffer.concat(this.#outgoing);
    const heldUp = this.congested;
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    this.#socket.write(bytes);
    // When the system takes all at once, there is no 'drain'.
    if (heldUp && !this.congested) this.#options.onDrain();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reading = false;
    this.#outgoing = [];
    this.#received = [];
    this.emit('end');
    this.#options.onClose();
  }

  #receive(chunk: Buffer): void {
    if (!this.#reading) return;
    this.#received.push(chunk);
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes < this.#needed) return;
    const buffer = this.#received.length === 1 ? chunk : Buffer.concat(this.#received);
    let whole = 0;
    let violation: Error | undefined;
    try {
      for (;;) {
        const size = this.#frameSize(buffer, whole);
        this.#needed = size;
        if (whole > 0 && startsLayer(buffer, whole)) {
          // rhea ends the SASL layer in a later turn than that in which it read the last frame of it.
          setImmediate(() => this.#receive(Buffer.alloc(0)));
          break;
        }
        if (buffer.length - whole < size) break;
        this.#check(buffer, whole, whole + size);
        whole += size;
      }
    } catch (error) {
      violation = error as Error;
    }
    this.#received = whole < buffer.length ? [buffer.subarray(whole)] : [];
    this.#receivedBytes = buffer.length - whole;
    if (whole > 0) this.emit('data', buffer.subarray(0, whole));
    if (violation) {
      this.#reading = false;
      this.#received = [];
      this.#options.onViolation(violation);
      this.end();
    }
  }

  /** The size of the frame that starts here, or of its size field while that is not there yet. */
  #frameSize(buffer: Buffer, at: number): number {
    if (buffer.length - at < 4) return 4;
    if (startsLayer(buffer, at)) return 8;
    const word = buffer.readUInt32BE(at);
    if (word < 8 || word > MAX_FRAME_SIZE)
      throw new FramingError(`a frame of ${word} bytes is outside of 8–${MAX_FRAME_SIZE}`);
    return word;
  }

  #check(buffer: Buffer, start: number, end: number): void {
    if (startsLayer(buffer, start)) return;
    const offset = buffer.readUInt8(start + 4) * 4;
    if (offset < 8 || start + offset > end) throw new FramingError('the data offset of a frame points outside of it');
    if (start + offset === end) return;
    checkPerformative(buffer, start + offset, end, buffer.readUInt8(start + 5));
  }
}

/** Whether the eight bytes that begin a layer (SASL or AMQP) are here, of which four are enough to tell. */
function startsLayer(buffer: Buffer, at: number): boolean {
  return buffer.length - at >= 4 && buffer.readUInt32BE(at) === PROTOCOL_HEADER;
}
