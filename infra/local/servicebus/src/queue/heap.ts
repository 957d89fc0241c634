/** A binary heap: the item with the smallest key comes out first. Items that went stale are the caller's to skip and to prune. */
export class Heap<T> {
  #items: T[] = [];
  readonly #key: (item: T) => number;

  constructor(key: (item: T) => number) {
    this.#key = key;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) {
      this.#items[0] = last;
      this.#sink(0);
    }
    return first;
  }

  /** Drops what is stale once it outweighs `live` items, so that memory follows what lives and not what passed through. */
  prune(live: number, isLive: (item: T) => boolean): void {
    if (this.#items.length <= 2 * live + 64) return;
    this.#items = this.#items.filter(isLive);
    for (let at = (this.#items.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  #rise(from: number): void {
    const item = this.#items[from] as T;
    const key = this.#key(item);
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#items[parent] as T;
      if (this.#key(above) <= key) break;
      this.#items[at] = above;
      at = parent;
    }
    this.#items[at] = item;
  }

  #sink(from: number): void {
    const item = this.#items[from] as T;
    const key = this.#key(item);
    const half = this.#items.length >> 1;
    let at = from;
    while (at < half) {
      let child = 2 * at + 1;
      if (child + 1 < this.#items.length && this.#key(this.#items[child + 1] as T) < this.#key(this.#items[child] as T))
        child++;
      const below = this.#items[child] as T;
      if (this.#key(below) >= key) break;
      this.#items[at] = below;
      at = child;
    }
    this.#items[at] = item;
  }
}
