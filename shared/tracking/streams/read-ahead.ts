import { StreamUnreadError } from '../errors.ts';
import type { PassThrough } from './pass-through.ts';

type Piece = IteratorResult<Uint8Array, undefined>;

/** Far more than an answer with its search results has. */
const MAX_WAITING_BYTES = 4_000_000;

/**
 * The same pieces, taken from their source as soon as they are there, whether somebody reads them or not: a reader that stands
 * still does not keep the cost of a stream from being seen. A source whose reader is too far behind is ended.
 */
export class ReadAhead implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: PassThrough;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** How it came to its end, once the source has. */
  #last: Promise<Piece> | undefined;
  #wake: () => void = () => {};

  constructor(source: PassThrough) {
    this.#source = source;
    void this.#pump();
  }

  async next(): Promise<Piece> {
    while (this.#waiting.length === 0 && !this.#last)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    const value = this.#waiting.shift();
    if (!value) return (await this.#last) ?? { done: true, value: undefined };
    this.#waitingBytes -= value.length;
    return { done: false, value };
  }

  async return(reason?: unknown): Promise<Piece> {
    this.#waiting.length = 0;
    return this.#source.return(reason);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #pump(): Promise<void> {
    for (;;) {
      try {
        const piece = await this.#source.next();
        if (piece.done) this.#last = Promise.resolve(piece);
        else {
          this.#waiting.push(piece.value);
          this.#waitingBytes += piece.value.length;
          if (this.#waitingBytes > MAX_WAITING_BYTES) await this.#leave();
        }
      } catch (error) {
        this.#last = Promise.reject(error);
        this.#last.catch(() => undefined); // Thrown to whoever reads on.
      }
      this.#wake();
      if (this.#last) return;
    }
  }

  /** @throws StreamUnreadError */
  async #leave(): Promise<never> {
    const error = new StreamUnreadError();
    await this.#source.return(error);
    throw error;
  }
}
