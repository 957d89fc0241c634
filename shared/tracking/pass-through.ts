import { StreamIdleError } from './errors.ts';

/**
 * How a stream came to its end. `idle`: nothing came, or nobody read, for too long. `stopped`: it may not go on.
 */
export type StreamEnd = 'ended' | 'broken' | 'cancelled' | 'idle' | 'stopped';

export interface PassThroughHooks {
  /** Sees each chunk before it passes. Returns how many of its bytes pass at once; the rest waits for `end`. */
  chunk(bytes: Uint8Array): number;
  /** Called after each chunk; what it returns is awaited before the chunk passes. An error of it ends the stream in the chunk's place. */
  mayPass?(): Promise<void> | undefined;
  /** Called exactly once, and awaited before the reader learns of the end. An error of it ends the stream. */
  end(how: StreamEnd): Promise<void>;
  idleMs: number;
}

type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>;
type Piece = IteratorResult<Uint8Array, undefined>;
const over: Piece = { done: true, value: undefined };

/**
 * The same bytes, each chunk as soon as it is there and as large as it came, nothing read ahead. Only what lies behind the end
 * of the answer waits until `end` is through. An iterator rather than a stream: in Node a second stream costs more than all
 * metering. It takes one `next` at a time.
 */
export class PassThrough implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #hooks: PassThroughHooks;
  readonly #timer: NodeJS.Timeout;
  readonly #passed = (read: Read) => this.#pass(read);
  readonly #broke = (error: unknown) => this.#break(error);
  #ended: Promise<void> | undefined;
  #isIdle = false;
  #isOver = false;
  /** What lies behind the end of the answer. */
  #rest: Uint8Array | undefined;

  constructor(source: ReadableStream<Uint8Array>, hooks: PassThroughHooks) {
    this.#reader = source.getReader();
    this.#hooks = hooks;
    this.#timer = setTimeout(() => this.#standStill(), hooks.idleMs).unref();
  }

  next(): Promise<Piece> {
    if (this.#isOver) return Promise.resolve(over);
    if (this.#rest) return this.#passRest(this.#rest);
    if (!this.#ended) this.#timer.refresh();
    return this.#reader.read().then(this.#passed, this.#broke);
  }

  /** Ends the reading early. */
  async return(reason?: unknown): Promise<Piece> {
    if (this.#isOver) return over;
    this.#isOver = true;
    await Promise.all([this.#reader.cancel(reason), this.#end('cancelled')]);
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
    this.#rest = value.subarray(passing);
    const ended = this.#end('ended');
    if (passing === 0) return this.#passRest(value);
    ended.catch(() => undefined); // Thrown to whoever reads on.
    return { done: false, value: value.subarray(0, passing) };
  }

  async #passRest(rest: Uint8Array): Promise<Piece> {
    this.#rest = undefined;
    await this.#orOver(this.#ended);
    return { done: false, value: rest };
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
    this.#end('idle').catch(() => undefined); // Thrown to whoever reads on.
    this.#reader.cancel().catch(() => undefined); // A source that can't be cancelled is at its end already.
  }
}
