import type { Readable } from 'node:stream';

/** What a read gives: a chunk, or the end. */
export type ByteRead = IteratorResult<Uint8Array, undefined>;

/** Reads a body chunk by chunk, one `read` at a time. The default reader of a web stream is one. */
export interface ByteReader {
  read(): Promise<ByteRead | { done: true; value?: Uint8Array | undefined }>;
  /** Ends the reading early. A read that is under way ends, too. */
  cancel(reason?: unknown): Promise<void>;
}

const over: ByteRead = { done: true, value: undefined };

/**
 * A reader of a Node stream, without a web stream between: that costs more than the reading. What came while nobody read is one
 * chunk.
 */
export class NodeReader implements ByteReader {
  readonly #source: Readable;
  /** What came before an error. */
  #rest: Uint8Array | null = null;
  #isEnded = false;
  #failure: { error: unknown } | undefined;
  #asked: { resolve(read: ByteRead): void; reject(error: unknown): void } | undefined;

  constructor(source: Readable) {
    this.#source = source;
    source.on('readable', () => this.#give());
    source.once('end', () => this.#end());
    source.on('error', (error) => this.fail(error));
    source.once('close', () => this.fail(new Error('The connection was closed.')));
  }

  read(): Promise<ByteRead> {
    const value = this.#take();
    if (value) return Promise.resolve({ done: false, value });
    if (this.#failure) return Promise.reject(this.#failure.error);
    if (this.#isEnded) return Promise.resolve(over);
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
    });
  }

  async cancel(): Promise<void> {
    this.#end();
    this.#source.destroy();
  }

  /** Whoever reads on gets the error, after what came before it. */
  fail(error: unknown): void {
    if (this.#isEnded || this.#failure) return;
    this.#give();
    this.#rest = this.#take();
    this.#failure = { error };
    this.#asked?.reject(error);
    this.#asked = undefined;
  }

  #take(): Uint8Array | null {
    if (this.#isEnded) return null;
    if (!this.#failure) return this.#source.read() as Uint8Array | null;
    const rest = this.#rest;
    this.#rest = null;
    return rest;
  }

  #give(): void {
    const value = this.#asked && this.#take();
    if (!value) return;
    this.#asked?.resolve({ done: false, value });
    this.#asked = undefined;
  }

  #end(): void {
    if (this.#failure) return;
    this.#isEnded = true;
    this.#asked?.resolve(over);
    this.#asked = undefined;
  }
}

/** A body that is read whole has at most this many bytes: twice those of the largest answer, many long embeddings as numbers. */
export const MOST_WHOLE_BYTES = 134_217_728;

/**
 * All bytes, or those that came before an error. A body that is larger than `MOST_WHOLE_BYTES` is an error, and nothing of it is kept.
 * @returns with how many bytes came
 */
export async function readAll(reader: ByteReader): Promise<{ bytes: ArrayBuffer; size: number; error?: unknown }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      chunks.push(read.value);
      size += read.value.byteLength;
      if (size > MOST_WHOLE_BYTES) {
        await reader.cancel();
        return { bytes: new ArrayBuffer(0), size, error: new Error(`It is larger than ${MOST_WHOLE_BYTES} bytes.`) };
      }
    }
    return { bytes: joined(chunks, size), size };
  } catch (error) {
    return { bytes: joined(chunks, size), size, error };
  }
}

function joined(chunks: Uint8Array[], size: number): ArrayBuffer {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes.buffer;
}

/** A stream of what is read. Nothing is read ahead of its reader. */
export const streamOf = (reader: ByteReader): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const read = await reader.read();
        if (read.done) controller.close();
        else controller.enqueue(read.value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
