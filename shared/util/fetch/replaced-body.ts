import type { ByteReader } from './byte-reader.ts';

/** A body in place of a response's own, as cheap as its reader allows. */
export interface ReplacedBody {
  /** The body in full, for whatever has no quick way below. Called at most once, and not after one of those. */
  whole(): ArrayBuffer | ReadableStream<Uint8Array>;
  /** Quick ways to read all of it. */
  json?: () => unknown;
  bytes?: () => ArrayBuffer | Promise<ArrayBuffer>;
  /** A quick way to read it piece by piece. */
  pieces?: () => AsyncIterableIterator<Uint8Array>;
  /** A quick way for whoever reads it by `readerOf`. */
  reader?: () => ByteReader;
}

/**
 * The same response with another body. The same object, so that its address and headers stay; and no second response or stream
 * is built unless somebody needs one: in Node that costs more than all metering.
 */
export function withBody(answer: Response, body: ReplacedBody): Response {
  states.set(answer, new BodyState(answer, body));
  bodied ??= Object.create(Response.prototype, Object.getOwnPropertyDescriptors(members)) as object;
  return Object.setPrototypeOf(answer, bodied) as Response;
}

/** The one reader of a response's body, the quick way where there is one. Undefined without a body. @throws TypeError where it was read */
export function readerOf(answer: Response): ByteReader | undefined {
  const state = states.get(answer);
  return state?.take(state.given.reader) ?? answer.body?.getReader();
}

const states = new WeakMap<object, BodyState>();

const members = {
  get body(): ReadableStream<Uint8Array> {
    return stateOf(this).stream;
  },
  get bodyUsed(): boolean {
    return stateOf(this).isUsed;
  },
  async json(): Promise<unknown> {
    const state = stateOf(this);
    return state.take(state.given.json) ?? state.whole().json();
  },
  async arrayBuffer(): Promise<ArrayBuffer> {
    const state = stateOf(this);
    return state.take(state.given.bytes) ?? state.whole().arrayBuffer();
  },
  async text(): Promise<string> {
    return stateOf(this).whole().text();
  },
  async blob(): Promise<Blob> {
    return stateOf(this).whole().blob();
  },
  async formData(): Promise<FormData> {
    return stateOf(this).whole().formData();
  },
  clone(): Response {
    return stateOf(this).whole().clone();
  },
};
/** Put over a response, its own prototype behind it. Made by the first one: Node loads its `fetch` when one of its classes is named. */
let bodied: object | undefined;

function stateOf(answer: object): BodyState {
  const state = states.get(answer);
  if (!state) throw new TypeError('Not a response whose body was replaced');
  return state;
}

class BodyState implements ProxyHandler<ReadableStream<Uint8Array>> {
  readonly given: ReplacedBody;
  /** Built when anything but whether it is locked, or its pieces, is asked of it. */
  readonly stream: ReadableStream<Uint8Array>;
  readonly #answer: Response;
  #isTaken = false;
  #whole: Response | undefined;

  constructor(answer: Response, given: ReplacedBody) {
    this.#answer = answer;
    this.given = given;
    this.stream = new Proxy<ReadableStream<Uint8Array>>(Object.create(ReadableStream.prototype), this);
  }

  get isUsed(): boolean {
    return this.#isTaken || (this.#whole?.bodyUsed ?? false);
  }

  /** An ordinary response with the same body; the one place where the body is from now on. */
  whole(): Response {
    if (this.#isTaken) throw new TypeError('Body is unusable: Body has already been read');
    this.#whole ??= new Response(this.given.whole(), this.#answer);
    return this.#whole;
  }

  /** Reads the quick way where there is one and nobody has begun otherwise. */
  take<T>(read: (() => T) | undefined): T | undefined {
    if (!read || this.#whole || this.#isTaken) return undefined;
    this.#isTaken = true;
    return read();
  }

  /** A member of the stream. */
  get(_stream: object, name: string | symbol): unknown {
    if (!this.#whole) {
      if (name === 'locked') return this.#isTaken;
      const { pieces } = this.given;
      if (pieces && !this.#isTaken && (name === Symbol.asyncIterator || name === 'values'))
        return () => this.take(pieces) ?? this.whole();
    }
    const stream = this.whole().body;
    const value: unknown = stream && Reflect.get(stream, name, stream);
    return typeof value === 'function' ? value.bind(stream) : value;
  }
}
