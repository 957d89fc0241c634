/**
 * A response whose body we have read, readable as if we had not. The same object, so that its address and headers stay and no
 * second stream is built: in Node that costs more than all metering.
 */
export function readAgain(answer: Response, bytes: ArrayBuffer, value: unknown): Response {
  let used = false;
  let body: ReadableStream<Uint8Array> | null = null;
  const fresh = () => new Response(bytes, answer);
  const once = <T>(read: () => T) => {
    return async (): Promise<Awaited<T>> => {
      if (used) throw new TypeError('Body is unusable: Body has already been read');
      used = true;
      return await read();
    };
  };
  const text = () => Buffer.from(bytes).toString('utf8');
  return Object.defineProperties(answer, {
    body: {
      get: () => {
        body ??= fresh().body;
        return body;
      },
    },
    bodyUsed: { get: () => used },
    json: { value: once(() => (value === undefined ? JSON.parse(text()) : value)) },
    text: { value: once(() => new TextDecoder().decode(bytes)) },
    arrayBuffer: { value: once(() => bytes) },
    blob: { value: once(() => fresh().blob()) },
    formData: { value: once(() => fresh().formData()) },
    clone: { value: fresh },
  });
}
