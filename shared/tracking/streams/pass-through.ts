import type { ByteReader } from '../../util/fetch/byte-reader.ts';
import { StreamIdleError } from '../errors.ts';

/**
 * How a stream came to its end. `idle`: nothing came, or nobody read, for too long. `stopped`: it may not go on.
 */
export type StreamEnd = 'ended' | 'broken' | 'cancelled' | 'idle' | 'stopped';

export interface PassThroughHooks {
  /**
   * Sees each chunk before it passes. Returns how many of its bytes pass at once. The rest waits for the source's end or for a
   * chunk of which something passes: an answer that seemed to have ended goes on.
   */
  chunk(bytes: Uint8Array): number;
  /** Called after each chunk; what it returns is awaited before the chunk passes. An error of it ends the stream in the chunk's place. */
  mayPass?(): Promise<void> | undefined;
  /** Called exactly once, and awaited before the reader learns of the end. An error of it ends the stream. */
  end(how: StreamEnd): Promise<void>;
  idleMs: number;
}

type Read = Awaited<ReturnType<ByteReader['read']>>;
type Piece = IteratorResult<Uint8Array, undefined>;
/** What a source sends after an answer and before its own end is no more than this. */
const MOST_HELD_BYTES = 65_536;
const size = (chunks: Uint8Array[]): number => chunks.reduce((sum, { length }) => sum + length, 0);
const over: Piece = { done: true, value: undefined };

/**
 * The same bytes, each chunk as soon as it is there and as large as it came, nothing read ahead. Only what lies behind the end
 * of the answer waits until its source has ended and `end` is through. An iterator rather than a stream: in Node a second stream costs more than all
 * metering. It takes one `next` at a time.
 */
export class PassThrough implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #reader: ByteReader;
  readonly #hooks: PassThroughHooks;
  readonly #timer: NodeJS.Timeout;
  readonly #passed = (read: Read) => this.#pass(read);
  readonly #broke = (error: unknown) => this.#break(error);
  #ended: Promise<void> | undefined;
  #isIdle = false;
  #isOver = false;
  /** What lies behind what seems to be the end of the answer. */
  #held: Uint8Array[] = [];
  /** The piece after it, which is awaited at once. */
  #ahead: Promise<Piece> | undefined;

  constructor(source: ByteReader, hooks: PassThroughHooks) {
    this.#reader = source;
    this.#hooks = hooks;
    this.#timer = setTimeout(() => this.#standStill(), hooks.idleMs).unref();
  }

  next(): Promise<Piece> {
    // First: it may have failed before somebody asked for it.
    if (this.#ahead) return this.#takeAhead(this.#ahead);
    if (this.#isOver) return Promise.resolve(over);
    if (!this.#ended) this.#timer.refresh();
    return this.#reader.read().then(this.#passed, this.#broke);
  }

  /** Ends the reading early. */
  async return(reason?: unknown): Promise<Piece> {
    this.#ahead = undefined;
    if (this.#isOver) return over;
    this.#isOver = true;
    await Promise.all([this.#reader.cancel(reason), this.#end(this.#hasEnded ? 'ended' : 'cancelled')]);
    return over;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** No promise of its own for what just passes. */
  #pass(read: Read): Piece | Promise<Piece> {
    if (this.#isIdle) return this.#break(new StreamIdleError(this.#hooks.idleMs));
    if (read.done) return this.#finish();
    if (this.#ended) return read;
    const { value } = read;
    const passing = this.#hooks.chunk(value);
    const permission = this.#hooks.mayPass?.();
    if (!permission) return this.#passChunk(read, value, passing);
    return permission.then(
      () => this.#passChunk(read, value, passing),
      (error: unknown) => this.#stop(error),
    );
  }

  #passChunk(read: Piece, value: Uint8Array, passing: number): Piece | Promise<Piece> {
    if (passing === value.length) return read;
    this.#lookAhead([value.subarray(passing)]);
    if (passing === 0) return this.next();
    return { done: false, value: value.subarray(0, passing) };
  }

  #lookAhead(held: Uint8Array[]): void {
    this.#held = held;
    this.#ahead = this.#afterEnd();
    this.#ahead.catch(() => undefined); // Thrown to whoever reads on.
  }

  #takeAhead(ahead: Promise<Piece>): Promise<Piece> {
    this.#ahead = undefined;
    return ahead;
  }

  get #hasEnded(): boolean {
    return this.#held.length > 0;
  }

  /** What is held, once the source has ended; or with what an answer that goes on has after it. */
  async #afterEnd(): Promise<Piece> {
    for (;;) {
      // An answer that came to its end is whole, however its source ends.
      const read = await this.#reader.read().catch(() => over);
      if (read.done) {
        await this.#orOver(this.#end('ended'));
        const value = Buffer.concat(this.#held.splice(0));
        return { done: false, value };
      }
      const passing = this.#hooks.chunk(read.value);
      try {
        await this.#hooks.mayPass?.();
      } catch (error) {
        return this.#stop(error);
      }
      const held = [...this.#held, read.value.subarray(0, passing)];
      const rest = read.value.subarray(passing);
      if (passing > 0) {
        if (rest.length > 0) this.#lookAhead([rest]);
        else this.#held = [];
        return { done: false, value: Buffer.concat(held) };
      }
      this.#held.push(rest);
      if (size(this.#held) > MOST_HELD_BYTES) await this.#reader.cancel();
    }
  }

  async #finish(): Promise<Piece> {
    await this.#orOver(this.#end('ended'));
    this.#isOver = true;
    return over;
  }

  async #stop(error: unknown): Promise<Piece> {
    this.#isOver = true;
    this.#reader.cancel(error).catch(() => undefined); // It may have ended by itself.
    await this.#end('stopped');
    throw error;
  }

  async #break(error: unknown): Promise<Piece> {
    await this.#orOver(this.#end('broken'));
    this.#isOver = true;
    throw error;
  }

  /** An error of `end` is reported once; then there is nothing more to read. */
  async #orOver(ended: Promise<void> | undefined): Promise<void> {
    try {
      await ended;
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  #end(how: StreamEnd): Promise<void> {
    clearTimeout(this.#timer);
    this.#ended ??= this.#hooks.end(how);
    return this.#ended;
  }

  #standStill(): void {
    this.#isIdle = true;
    this.#end(this.#hasEnded ? 'ended' : 'idle').catch(() => undefined); // Thrown to whoever reads on.
    this.#reader.cancel().catch(() => undefined); // A source that can't be cancelled is at its end already.
  }
}
