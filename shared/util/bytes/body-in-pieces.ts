/** Bytes of a piece: to send one, TLS included, holds the event loop for less than a millisecond. */
const PIECE_BYTES = 262_144;

/**
 * The body of a request that `fetch` sends. It would copy an array of bytes whole and write it at once; a Blob it sends by its stream,
 * with its length. This one has the bytes of `parts` without a copy.
 */
export function bodyInPieces(parts: readonly Uint8Array[]): Blob {
  const size = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return Object.defineProperties(new Blob([]), { size: { value: size }, stream: { value: () => streamOf(parts) } });
}

function streamOf(parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const pieces = piecesOf(parts);
  return new ReadableStream(
    {
      pull(controller) {
        const { done, value } = pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}

function* piecesOf(parts: readonly Uint8Array[]): Generator<Uint8Array, void> {
  for (const part of parts)
    for (let at = 0; at < part.byteLength; at += PIECE_BYTES) yield part.subarray(at, at + PIECE_BYTES);
}
