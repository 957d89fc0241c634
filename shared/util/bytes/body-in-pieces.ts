/** Bytes of a piece: to send one, TLS included, holds the event loop for less than a millisecond. */
const PIECE_BYTES = 262_144;

/** The body of a request in parts that are sent one after the other, in pieces and without a copy. */
export class BodyInPieces {
  /** In bytes. */
  readonly size: number;
  readonly #parts: readonly Uint8Array[];

  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts;
    this.size = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  *[Symbol.iterator](): Generator<Uint8Array, void> {
    for (const part of this.#parts)
      for (let at = 0; at < part.byteLength; at += PIECE_BYTES) yield part.subarray(at, at + PIECE_BYTES);
  }
}
