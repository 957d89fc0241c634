/** A body in place of a response's own, as cheap as its reader allows. */
export interface StandInBody {
  /** The body in full, for whatever has no quick way below. Called at most once, and not after one of those. */
  whole(): ArrayBuffer | ReadableStream<Uint8Array>;
  /** Quick ways to read all of it. */
  json?: () => unknown;
  bytes?: () => ArrayBuffer;
  /** A quick way to read piece by piece. */
  pieces?: () => AsyncIterableIterator<Uint8Array>;
}

/**
 * The same response with another body. The same object, so that its address and headers stay; and no second response or stream
 * is built unless somebody needs one: in Node that costs more than all metering.
 */
export function withBody(answer: Response, body: StandInBody): Response {
  let used = false;
  let made: Response | undefined;
  const whole = () => {
    if (used) throw alreadyRead();
    made ??= new Response(body.whole(), answer);
    return made;
  };
  const quick = <T>(read: () => T): T => {
    if (used || made?.bodyUsed) throw alreadyRead();
    used = true;
    return read();
  };
  const pieces = body.pieces && (() => quick(body.pieces as () => AsyncIterableIterator<Uint8Array>));
  const stream = lazyStream(
    () => whole().body as ReadableStream<Uint8Array>,
    pieces,
    () => used,
  );
  return Object.defineProperties(answer, {
    body: { value: stream },
    bodyUsed: { get: () => used || (made?.bodyUsed ?? false) },
    json: { value: async () => (body.json && !made ? quick(body.json) : whole().json()) },
    arrayBuffer: { value: async () => (body.bytes && !made ? quick(body.bytes) : whole().arrayBuffer()) },
    text: { value: async () => whole().text() },
    blob: { value: async () => whole().blob() },
    formData: { value: async () => whole().formData() },
    clone: { value: () => whole().clone() },
  });
}

/** A stream that is built when something but the question whether it is locked, or its pieces, is asked of it. */
function lazyStream(
  make: () => ReadableStream<Uint8Array>,
  pieces: (() => AsyncIterableIterator<Uint8Array>) | undefined,
  isTaken: () => boolean,
): ReadableStream<Uint8Array> {
  let made: ReadableStream<Uint8Array> | undefined;
  return new Proxy(Object.create(ReadableStream.prototype) as ReadableStream<Uint8Array>, {
    get(_target, name) {
      if (!made) {
        if (name === 'locked') return isTaken();
        if (pieces && (name === Symbol.asyncIterator || name === 'values')) return pieces;
        made = make();
      }
      const value: unknown = Reflect.get(made, name, made);
      return typeof value === 'function' ? value.bind(made) : value;
    },
  });
}

const alreadyRead = () => new TypeError('Body is unusable: Body has already been read');
