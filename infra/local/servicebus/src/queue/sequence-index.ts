/** Sequence numbers in rising order, to start reading at any of them. Numbers come almost always at the end. */
export class SequenceIndex {
  #numbers: number[] = [];

  add(number: number): void {
    const last = this.#numbers.at(-1);
    if (last === undefined || last < number) this.#numbers.push(number);
    else {
      const at = this.#find(number);
      if (this.#numbers[at] !== number) this.#numbers.splice(at, 0, number);
    }
  }

  /** Numbers from this one on; some may have left the queue already. */
  *from(number: number): Generator<number> {
    for (let at = this.#find(number); at < this.#numbers.length; at++) yield this.#numbers[at] as number;
  }

  /** Drops numbers that left, once they outweigh the `live` ones. */
  prune(live: number, isLive: (number: number) => boolean): void {
    if (this.#numbers.length > 2 * live + 64) this.#numbers = this.#numbers.filter(isLive);
  }

  /** The place of the first number that is not smaller. */
  #find(number: number): number {
    let [low, high] = [0, this.#numbers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#numbers[middle] as number) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
