import { describe, expect, test } from 'vitest';
import { GroupCommit, type GroupCommitOptions } from '../../shared/publishing/group-commit.ts';
import { LeapingClock } from '../support/manual-clock.ts';

/** Commits that end on request. */
function begin(change: Partial<GroupCommitOptions<number, string>> = {}) {
  const groups: number[][] = [];
  const ends: ((error?: Error) => void)[] = [];
  const commits = new GroupCommit<number, string>({
    commit: (items) =>
      new Promise((resolve, reject) => {
        groups.push(items);
        ends.push((error) => (error ? reject(error) : resolve(`group ${groups.indexOf(items)}`)));
      }),
    maxItems: 100,
    maxBytes: 1_000,
    size: (item) => item,
    lingerMs: 3,
    maxConcurrent: 2,
    clock: new LeapingClock(),
    ...change,
  });
  const until = async (count: number) => {
    while (groups.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  return { commits, groups, ends, until };
}

describe('group commit', () => {
  test('what comes at once goes together, and each caller gets the result of its group', async () => {
    const { commits, groups, ends, until } = begin();
    const added = Promise.all([1, 2, 3].map((item) => commits.add(item)));
    await until(1);
    ends[0]?.();
    expect(await added).toEqual(['group 0', 'group 0', 'group 0']);
    expect(groups).toEqual([[1, 2, 3]]);
  });

  test('a full group waits for nobody; groups keep to count and bytes, and an item larger than that goes alone', async () => {
    const { commits, groups, ends } = begin({ maxItems: 3, maxBytes: 100, maxConcurrent: 9 });
    const added = Promise.all([50, 40, 30, 500, 20, 10].map((item) => commits.add(item)));
    while (groups.flat().length < 6) await new Promise((resolve) => setImmediate(resolve));
    for (const end of ends) end();
    await added;
    expect(groups).toEqual([[50, 40], [30], [500], [20, 10]]);
  });

  test('while all commits are under way items gather, and nobody is answered before their commit', async () => {
    const { commits, groups, ends, until } = begin({ maxConcurrent: 1 });
    const answered: number[] = [];
    const add = (item: number) => commits.add(item).then(() => answered.push(item));
    const first = add(1);
    await until(1);
    const rest = Promise.all([2, 3, 4].map(add));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([groups, answered]).toEqual([[[1]], []]);
    ends[0]?.();
    await first;
    await until(2);
    expect([groups[1], answered]).toEqual([[2, 3, 4], [1]]);
    ends[1]?.();
    await rest;
  });

  test('a commit that fails is asked to its own callers alone', async () => {
    const { commits, ends, until } = begin({ maxItems: 1 });
    const added = Promise.allSettled([1, 2].map((item) => commits.add(item)));
    await until(2);
    ends[0]?.(new Error('lost'));
    ends[1]?.();
    expect((await added).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  test('draining ends when nothing waits and nothing is under way', async () => {
    const { commits, groups, ends, until } = begin({ maxItems: 2, maxConcurrent: 1, lingerMs: 60_000 });
    const added = Promise.all([1, 2, 3].map((item) => commits.add(item)));
    let drained = false;
    const draining = commits.drain().then(() => {
      drained = true;
    });
    for (let group = 0; group < 2; group++) {
      await until(group + 1);
      expect(drained).toBe(false);
      ends[group]?.();
    }
    await draining;
    await added;
    expect(groups).toEqual([[1, 2], [3]]);
  });
});
