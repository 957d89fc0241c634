import { StreamIdleError } from './errors.ts';

/** How a stream came to its end. `idle`: nothing came, or nobody read, for too long. */
export type StreamEnd = 'ended' | 'broken' | 'cancelled' | 'idle';

export interface PassThroughHooks {
  /** Sees each chunk before it passes. Returns how many of its bytes pass at once; the rest waits for `end`. */
  chunk(bytes: Uint8Array): number;
  /** Called exactly once, and awaited before the reader learns of the end. An error of it ends the stream. */
  end(how: StreamEnd): Promise<void>;
  idleMs: number;
}

const over: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined };

/**
 * The same bytes, each chunk as soon as it is there and as large as it came, nothing read ahead. Only what lies behind the end
 * of the answer waits until `end` is through. An iterator rather than a stream: in Node a second stream costs more than all
 * metering.
 */
export class PassThrough implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #hooks: PassThroughHooks;
  readonly #timer: NodeJS.Timeout;
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

  /** One at a time. */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isOver) return over;
    try {
      const value = await this.#next();
      if (value) return { done: false, value };
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
    this.#isOver = true;
    return over;
  }

  /** Ends the reading early. */
  async return(reason?: unknown): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isOver) return over;
    this.#isOver = true;
    await Promise.all([this.#reader.cancel(reason), this.#end('cancelled')]);
    return over;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Undefined at the end. */
  async #next(): Promise<Uint8Array | undefined> {
    const rest = this.#rest;
    if (rest) {
      this.#rest = undefined;
      await this.#ended;
      return rest;
    }
    if (!this.#ended) this.#timer.refresh();
    const { value } = await this.#reader.read().catch(async (error: unknown) => {
      await this.#end('broken');
      throw error;
    });
    if (this.#isIdle) {
      await this.#ended;
      throw new StreamIdleError(this.#hooks.idleMs);
    }
    if (!value) {
      await this.#end('ended');
      return undefined;
    }
    const passing = this.#ended ? value.length : this.#hooks.chunk(value);
    if (passing === value.length) return value;
    const ended = this.#end('ended');
    if (passing === 0) {
      await ended;
      return value;
    }
    ended.catch(() => undefined); // Thrown to whoever reads on.
    this.#rest = value.subarray(passing);
    return value.subarray(0, passing);
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
