import { describe, expect, test } from 'vitest';
import { PassThrough, type StreamEnd } from '../../shared/tracking/pass-through.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A source that is fed by hand; `passing` says of each chunk how much of it passes at once. */
function setUp(
  options: { passing?: (chunk: string) => number; end?: (how: StreamEnd) => Promise<void>; idleMs?: number } = {},
) {
  let feed!: ReadableStreamDefaultController<Uint8Array>;
  let cancelled: unknown;
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => {
      feed = controller;
    },
    cancel: (reason) => {
      cancelled = reason;
    },
  });
  const ends: StreamEnd[] = [];
  const pieces = new PassThrough(source, {
    chunk: (chunk) => options.passing?.(new TextDecoder().decode(chunk)) ?? chunk.length,
    end: async (how) => {
      ends.push(how);
      await options.end?.(how);
    },
    idleMs: options.idleMs ?? 60_000,
  });
  const next = async () => {
    const { done, value } = await pieces.next();
    return done ? undefined : new TextDecoder().decode(value);
  };
  return { feed, pieces, next, ends, cancelled: () => cancelled };
}

describe('PassThrough', () => {
  test('passes chunks as they are and ends once', async () => {
    const { feed, next, ends } = setUp();
    feed.enqueue(bytes('one'));
    expect(await next()).toBe('one');
    feed.enqueue(bytes('two'));
    feed.close();
    expect(await next()).toBe('two');
    expect(ends).toEqual([]);
    expect([await next(), await next()]).toEqual([undefined, undefined]);
    expect(ends).toEqual(['ended']);
  });

  test('what lies behind the end of the answer waits for it, what lies before does not', async () => {
    let release = () => {};
    const { feed, next, ends } = setUp({ passing: () => 3, end: () => new Promise((resolve) => (release = resolve)) });
    feed.enqueue(bytes('texttail'));
    expect(await next()).toBe('tex');
    expect(ends).toEqual(['ended']); // Begun before anybody asks for more.
    let rest: string | undefined;
    const reading = next().then((text) => (rest = text));
    await new Promise((resolve) => setImmediate(resolve));
    expect(rest).toBeUndefined();
    release();
    await reading;
    expect(rest).toBe('ttail');
    feed.enqueue(bytes('more'));
    expect(await next()).toBe('more');
  });

  test.each([0, 3])('an end that fails is reported and nothing follows (%i bytes pass before)', async (before) => {
    const { feed, next } = setUp({ passing: () => before, end: () => Promise.reject(new Error('nowhere')) });
    feed.enqueue(bytes('texttail'));
    if (before > 0) expect(await next()).toBe('tex');
    await expect(next()).rejects.toThrow('nowhere');
    expect(await next()).toBeUndefined();
  });

  test('a source that breaks', async () => {
    const { feed, next, ends } = setUp();
    feed.error(new Error('cut'));
    await expect(next()).rejects.toThrow('cut');
    expect(await next()).toBeUndefined();
    expect(ends).toEqual(['broken']);
  });

  test('a reader that leaves, in the midst of a read too', async () => {
    const { pieces, next, ends, cancelled } = setUp();
    const reading = next();
    await pieces.return('enough');
    expect(await reading).toBeUndefined();
    expect([ends, cancelled()]).toEqual([['cancelled'], 'enough']);
    await pieces.return();
    expect(ends).toHaveLength(1);
  });

  test('nothing comes for too long', async () => {
    const { next, ends } = setUp({ idleMs: 10 });
    await expect(next()).rejects.toMatchObject({ code: 'stream_idle' });
    expect(await next()).toBeUndefined();
    expect(ends).toEqual(['idle']);
  });
});
