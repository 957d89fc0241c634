import { describe, expect, test } from 'vitest';
import { PassThrough, type StreamEnd } from '../../shared/tracking/streams/pass-through.ts';
import { ReadAhead } from '../../shared/tracking/streams/read-ahead.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A source that is fed by hand; `passing` says of each chunk how much of it passes at once. */
function setUp(
  options: {
    passing?: (chunk: string) => number;
    mayPass?: () => Promise<void> | undefined;
    end?: (how: StreamEnd) => Promise<void>;
    idleMs?: number;
  } = {},
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
  const pieces = new PassThrough(source.getReader(), {
    chunk: (chunk) => options.passing?.(new TextDecoder().decode(chunk)) ?? chunk.length,
    ...(options.mayPass && { mayPass: options.mayPass }),
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

  test('an error of the end reaches a reader that asks after it happened', async () => {
    const { feed, next } = setUp({
      passing: () => 3,
      end: () => Promise.reject(new Error('not durable')),
    });
    feed.enqueue(bytes('texttail'));
    feed.close();
    expect(await next()).toBe('tex');
    await new Promise((resolve) => setImmediate(resolve));
    await expect(next()).rejects.toThrow('not durable');
    expect(await next()).toBeUndefined();
  });

  test('what lies behind the end of the answer waits for it, what lies before does not', async () => {
    let release = () => {};
    const { feed, next, ends } = setUp({
      passing: (chunk) => (chunk === 'texttail' ? 3 : 0),
      end: () => new Promise((resolve) => (release = resolve)),
    });
    feed.enqueue(bytes('texttail'));
    expect(await next()).toBe('tex');
    feed.enqueue(bytes('more'));
    feed.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(ends).toEqual(['ended']); // Begun before anybody asks for more.
    let rest: string | undefined;
    const reading = next().then((text) => (rest = text));
    await new Promise((resolve) => setImmediate(resolve));
    expect(rest).toBeUndefined();
    release();
    await reading;
    expect([rest, await next()]).toEqual(['ttailmore', undefined]);
  });

  test('an answer that seemed to have ended goes on', async () => {
    const { feed, next, ends } = setUp({ passing: (chunk) => chunk.indexOf('|') + 1 || chunk.length });
    feed.enqueue(bytes('one|end'));
    expect(await next()).toBe('one|');
    feed.enqueue(bytes('two|end'));
    expect([await next(), ends]).toEqual(['endtwo|', []]);
    feed.close();
    expect([await next(), ends]).toEqual(['end', ['ended']]);
  });

  test('one that has ended is whole, however its source or its reader ends', async () => {
    const broken = setUp({ passing: () => 3 });
    broken.feed.enqueue(bytes('texttail'));
    expect(await broken.next()).toBe('tex');
    broken.feed.error(new Error('reset'));
    expect([await broken.next(), broken.ends]).toEqual(['ttail', ['ended']]);
    const left = setUp({ passing: () => 3 });
    left.feed.enqueue(bytes('texttail'));
    expect(await left.next()).toBe('tex');
    await left.pieces.return();
    expect(left.ends).toEqual(['ended']);
  });

  test('a source that does not end after the answer is left', async () => {
    const { feed, next, ends, cancelled } = setUp({ passing: (chunk) => (chunk === 'texttail' ? 3 : 0) });
    feed.enqueue(bytes('texttail'));
    expect(await next()).toBe('tex');
    feed.enqueue(bytes('x'.repeat(70_000)));
    expect((await next())?.length).toBe(70_005);
    expect([ends, cancelled(), await next()]).toEqual([['ended'], undefined, undefined]);
  });

  test('a chunk waits until it may pass', async () => {
    let allow = () => {};
    const { feed, next, ends } = setUp({ mayPass: () => new Promise((resolve) => (allow = resolve)) });
    feed.enqueue(bytes('one'));
    let read: string | undefined;
    const reading = next().then((text) => (read = text));
    await new Promise((resolve) => setImmediate(resolve));
    expect(read).toBeUndefined();
    allow();
    await reading;
    expect([read, ends]).toEqual(['one', []]);
  });

  test('a chunk that may not pass ends the stream in its place, after the source was left', async () => {
    const { feed, next, ends, cancelled } = setUp({ mayPass: () => Promise.reject(new Error('no room')) });
    feed.enqueue(bytes('one'));
    await expect(next()).rejects.toThrow('no room');
    expect(ends).toEqual(['stopped']);
    expect(cancelled()).toMatchObject({ message: 'no room' });
    expect(await next()).toBeUndefined();
  });

  test.each([0, 3])('an end that fails is reported and nothing follows (%i bytes pass before)', async (before) => {
    const { feed, next } = setUp({ passing: () => before, end: () => Promise.reject(new Error('nowhere')) });
    feed.enqueue(bytes('texttail'));
    feed.close();
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

describe('ReadAhead', () => {
  const text = ({ done, value }: IteratorResult<Uint8Array, undefined>) => (done ? undefined : value.toString());
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  test('sees what nobody reads, and passes it all the same', async () => {
    const seen: string[] = [];
    const { feed, pieces, ends } = setUp({ passing: (chunk) => seen.push(chunk) && chunk.length });
    const ahead = new ReadAhead(pieces);
    for (const chunk of ['one', 'two']) feed.enqueue(bytes(chunk));
    feed.close();
    await turn();
    expect([seen, ends]).toEqual([['one', 'two'], ['ended']]);
    expect([await ahead.next(), await ahead.next(), await ahead.next()].map(text)).toEqual([
      text({ done: false, value: bytes('one') }),
      text({ done: false, value: bytes('two') }),
      undefined,
    ]);
    expect(await ahead.next()).toEqual({ done: true, value: undefined });
  });

  test('an error comes after what came before it', async () => {
    const { feed, pieces } = setUp();
    const ahead = new ReadAhead(pieces);
    feed.enqueue(bytes('one'));
    await turn();
    feed.error(new Error('broke off'));
    await turn();
    expect(await ahead.next()).toMatchObject({ done: false });
    await expect(ahead.next()).rejects.toThrow('broke off');
  });

  test('a reader that is too far behind ends it', async () => {
    const { feed, pieces, ends } = setUp();
    const ahead = new ReadAhead(pieces);
    for (let chunk = 0; chunk < 5; chunk++) feed.enqueue(new Uint8Array(1_000_000));
    await turn();
    expect(ends).toEqual(['cancelled']);
    for (let chunk = 0; chunk < 5; chunk++) expect(await ahead.next()).toMatchObject({ done: false });
    await expect(ahead.next()).rejects.toMatchObject({ code: 'stream_unread' });
  });

  test('a reader that leaves ends its source', async () => {
    const { pieces, ends, cancelled } = setUp();
    const ahead = new ReadAhead(pieces);
    await ahead.return('bye');
    expect([ends, cancelled()]).toEqual([['cancelled'], 'bye']);
    expect(await ahead.next()).toEqual({ done: true, value: undefined });
  });
});
