import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBatcher } from '../src/worker/service-bus/batcher.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(rules: { max?: number; min?: number }, takesMs = 0) {
  const batches: number[][] = [];
  const givenBack: number[] = [];
  let done = 0;
  const batcher = createBatcher<number>(
    { max: 3, min: 1, maxWaitMs: 1000, lingerMs: 20, ...rules },
    async (items) => {
      batches.push(items);
      await new Promise((resolve) => setTimeout(resolve, takesMs));
    },
    async (item) => void givenBack.push(item),
  );
  const add = (...items: number[]) => {
    for (const item of items) void batcher.add(item).then(() => (done += 1));
  };
  return { batcher, add, batches, givenBack, done: () => done };
}

describe('batches', () => {
  it('take what follows within 20 ms of the first', async () => {
    const { add, batches } = start({});
    add(1);
    await vi.advanceTimersByTimeAsync(15);
    add(2);
    await vi.advanceTimersByTimeAsync(5);
    expect(batches).toEqual([[1, 2]]);
  });

  it('begin at once when full', async () => {
    const { add, batches } = start({});
    add(1, 2, 3);
    await vi.advanceTimersByTimeAsync(0);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('run one after the other; what comes meanwhile waits', async () => {
    const { add, batches, done } = start({}, 100);
    add(1, 2, 3, 4);
    await vi.advanceTimersByTimeAsync(50);
    add(5);
    await vi.advanceTimersByTimeAsync(49);
    expect(batches).toEqual([[1, 2, 3]]);
    expect(done()).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(done()).toBe(3);
    add(6);
    await vi.advanceTimersByTimeAsync(20);
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('wait for the least size, and no longer than told', async () => {
    const { add, batches } = start({ min: 2 });
    add(1);
    await vi.advanceTimersByTimeAsync(999);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toEqual([[1]]);
    add(2);
    await vi.advanceTimersByTimeAsync(500);
    add(3);
    await vi.advanceTimersByTimeAsync(20);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('give back what waits when stopped, after the batch that runs has ended', async () => {
    const { batcher, add, batches, givenBack } = start({}, 100);
    add(1, 2, 3, 4, 5);
    const stopped = vi.fn();
    void batcher.stop().then(stopped);
    await vi.advanceTimersByTimeAsync(99);
    add(6);
    expect(stopped).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(stopped).toHaveBeenCalled();
    expect(batches).toEqual([[1, 2, 3]]);
    expect(givenBack).toEqual([4, 5, 6]);
  });
});
