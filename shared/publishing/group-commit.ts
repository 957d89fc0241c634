import type { Clock } from '../util/clock.ts';

export interface GroupCommitOptions<T, R> {
  /** Commits all of them; its result is that of each. */
  commit(items: T[]): Promise<R>;
  maxItems: number;
  maxBytes: number;
  size(item: T): number;
  /** How long an item waits for company while a commit could start, in ms. */
  lingerMs: number;
  /** Commits under way at once. While all are busy items gather, so that batches grow with the load. */
  maxConcurrent: number;
  clock: Clock;
}

interface Waiting<T, R> {
  item: T;
  bytes: number;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/** Lets the items of concurrent callers share one commit. A caller waits for its commit: that is the back-pressure. */
export class GroupCommit<T, R> {
  readonly #options: GroupCommitOptions<T, R>;
  readonly #waiting: Waiting<T, R>[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #lingering = false;

  constructor(options: GroupCommitOptions<T, R>) {
    this.#options = options;
  }

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, bytes: this.#options.size(item), resolve, reject });
      if (this.#waiting.length >= this.#options.maxItems) this.#start();
      else void this.#linger();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#underWay.size > 0) {
      this.#start();
      await Promise.all(this.#underWay);
    }
  }

  async #linger(): Promise<void> {
    if (this.#lingering) return;
    this.#lingering = true;
    await this.#options.clock.sleep(this.#options.lingerMs);
    this.#lingering = false;
    this.#start();
  }

  #start(): void {
    while (this.#waiting.length > 0 && this.#underWay.size < this.#options.maxConcurrent) {
      const done = this.#commit(this.#take()).finally(() => {
        this.#underWay.delete(done);
        this.#start();
      });
      this.#underWay.add(done);
    }
  }

  #take(): Waiting<T, R>[] {
    let bytes = 0;
    let count = 0;
    for (const { bytes: more } of this.#waiting) {
      if (count === this.#options.maxItems || (count > 0 && bytes + more > this.#options.maxBytes)) break;
      bytes += more;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(group: Waiting<T, R>[]): Promise<void> {
    try {
      const result = await this.#options.commit(group.map(({ item }) => item));
      for (const { resolve } of group) resolve(result);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
