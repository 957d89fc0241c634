/** How much more room there is each time that it does not suffice. What is not written takes no memory of the machine yet. */
const GROWTH = 4;

/**
 * Bytes that arrive in pieces, in one array from the beginning: to put large pieces together at the end takes twice the memory and
 * holds up other requests.
 */
export class GrowingBytes {
  #bytes: Uint8Array<ArrayBuffer>;
  #size = 0;

  /** @param room bytes that are expected */
  constructor(room = 0) {
    this.#bytes = new Uint8Array(room);
  }

  /** Of all pieces, those that are not held too. */
  get size(): number {
    return this.#size;
  }

  /** All bytes; none once there were more than may be held. */
  get held(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#size);
  }

  /** @param most bytes that may be held; where there are more, only their number is kept */
  add(piece: Uint8Array, most: number): void {
    const from = this.#size;
    this.#size += piece.byteLength;
    if (this.#size > most) this.#bytes = new Uint8Array();
    else {
      if (this.#size > this.#bytes.byteLength) this.#grow(most);
      this.#bytes.set(piece, from);
    }
  }

  #grow(most: number): void {
    const grown = new Uint8Array(Math.min(Math.max(this.#size, this.#bytes.byteLength * GROWTH), most));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
