import { expect, test } from 'vitest';
import { TaskThread } from '../../shared/gateways/reading/task-thread.ts';

const thread = new TaskThread(new URL('task-thread-module.ts', import.meta.url));
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const run = (name: string, text = '') => thread.run({ name, bytes: bytes(text), options: { a: 1 } });

test('tasks are done in order, and give their bytes back', async () => {
  const results = await Promise.all(['a', 'b', 'c'].map((text) => run('length', text.repeat(3))));
  expect(results.map(({ value }) => value)).toEqual([
    { length: 3, options: { a: 1 }, done: 1 },
    { length: 3, options: { a: 1 }, done: 2 },
    { length: 3, options: { a: 1 }, done: 3 },
  ]);
  expect(results.map((result) => Buffer.from(result.bytes).toString())).toEqual(['aaa', 'bbb', 'ccc']);
});

test('bytes that share their memory are copied: what they share it with stays', async () => {
  const shared = new Uint8Array(10).fill(7);
  const { bytes: back } = await thread.run({ name: 'length', bytes: shared.subarray(2, 6) });
  expect(back).toEqual(new Uint8Array(4).fill(7));
  expect(shared).toEqual(new Uint8Array(10).fill(7));
});

test('what a task throws is thrown', async () => {
  await expect(run('throw')).rejects.toThrow('thrown in the thread');
  expect((await run('length')).value).toMatchObject({ length: 0 });
});

test('a task that ends its thread fails alone', async () => {
  const ends = run('end');
  const after = run('length', 'x');
  await expect(ends).rejects.toThrow();
  expect((await after).value).toEqual({ length: 1, options: { a: 1 }, done: 1 });
});

test('a thread that cannot begin fails each task', async () => {
  const none = new TaskThread(new URL('no-such-module.ts', import.meta.url));
  await expect(none.run({ name: 'length', bytes: bytes('x') })).rejects.toThrow('no-such-module');
  await expect(none.run({ name: 'length', bytes: bytes('x') })).rejects.toThrow('no-such-module');
});
