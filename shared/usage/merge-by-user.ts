import { inParallel } from '../util/in-parallel.ts';
import type { UsageGroup } from './usage-group.ts';

/** Runs of groups, sorted by their values throughout. */
export interface UsageSource<T> {
  /** What the groups are of, e.g. their span. */
  of: T;
  runs: AsyncIterable<UsageGroup[]>;
}

export interface UserGroups<T> {
  user: string;
  groups: { of: T; group: UsageGroup }[];
}

/** Pages that are read at once. */
const WIDTH = 16;

/** The groups of several sources, user by user in order. Each source is read as far as it is needed. */
export async function* mergeByUser<T>(sources: UsageSource<T>[]): AsyncGenerator<UserGroups<T>> {
  const readers = sources.map((source) => new SourceReader(source));
  await inParallel(readers, WIDTH, (reader) => reader.fill());
  for (;;) {
    let user: string | undefined;
    for (const reader of readers)
      if (reader.user !== undefined && (user === undefined || reader.user < user)) user = reader.user;
    if (user === undefined) return;
    const groups: UserGroups<T>['groups'] = [];
    const empty = readers.filter((reader) => reader.take(user, groups));
    // Together, so that one page of each is awaited rather than one after the other.
    while (empty.length > 0) {
      await inParallel(empty, WIDTH, (reader) => reader.fill());
      const again = empty.filter((reader) => reader.take(user, groups));
      empty.splice(0, empty.length, ...again);
    }
    yield { user, groups };
  }
}

class SourceReader<T> {
  readonly #of: T;
  readonly #runs: AsyncIterator<UsageGroup[]>;
  #run: UsageGroup[] = [];
  #at = 0;
  #ended = false;

  constructor({ of, runs }: UsageSource<T>) {
    this.#of = of;
    this.#runs = runs[Symbol.asyncIterator]();
  }

  /** Of the next group; undefined at the end. */
  get user(): string | undefined {
    return this.#run[this.#at]?.values[0];
  }

  /** Appends the user's groups. @returns whether more of them may come with the next run */
  take(user: string, groups: UserGroups<T>['groups']): boolean {
    for (; this.user === user; this.#at++) {
      const group = this.#run[this.#at];
      if (group) groups.push({ of: this.#of, group });
    }
    return this.#at === this.#run.length && !this.#ended;
  }

  async fill(): Promise<void> {
    while (this.#at === this.#run.length && !this.#ended) {
      const { value, done } = await this.#runs.next();
      this.#ended = done === true;
      this.#run = done ? [] : value;
      this.#at = 0;
    }
  }
}
