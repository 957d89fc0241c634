import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { failureOf } from '../../shared/http/answer.ts';
import { eventStream, wantsEvents } from '../../shared/http/event-stream.ts';

const textOf = (work: Parameters<typeof eventStream>[0], heartbeatMs?: number): Promise<string> => {
  const { body } = eventStream(work, { failureOf, ...(heartbeatMs !== undefined && { heartbeatMs }) });
  return new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).text();
};

test('stages, then the result', async () => {
  const text = await textOf(async (progress) => {
    progress('reading', { images: 2 });
    return { a: 1 };
  });
  expect(text).toBe(
    'event: accepted\ndata: {}\n\nevent: reading\ndata: {"images":2}\n\nevent: result\ndata: {"success":true,"data":{"a":1}}\n\n',
  );
});

test('a line end in a text does not end its event', async () => {
  const text = await textOf(async (progress) => progress('writing', { text: 'a\n\nevent: result\ndata: {}' }));
  expect(text.split('\n\n').filter((block) => block.startsWith('event: result'))).toHaveLength(1);
});

test('while nothing is said, it beats', async () => {
  const text = await textOf(async () => {
    await wait(60);
  }, 5);
  expect(text).toContain(': heartbeat\n\n');
  expect(text).toContain('event: result');
});

test.each<[string, () => Promise<unknown>]>([
  ['an error', () => Promise.reject(new Error('secret'))],
  ['a thrown text', () => Promise.reject('secret')],
  [
    'an error before it began',
    () => {
      throw new Error('secret');
    },
  ],
  ['a result that is not JSON', async () => ({ money: 1n })],
])('%s ends it with an error event', async (_name, work) => {
  const text = await textOf(work);
  expect(text).toMatch(/event: error\ndata: {"success":false,.*"status":500}\n\n$/);
  expect(text).not.toContain('secret');
});

test('its signal aborts when the reader leaves, and what comes later is not an error', async () => {
  let left: AbortSignal | undefined;
  const { body } = eventStream(
    async (progress, signal) => {
      left = signal;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      progress('writing', { text: 'to nobody' });
    },
    { failureOf },
  );
  await (body as ReadableStream).cancel();
  await wait(1);
  expect(left?.aborted).toBe(true);
});

test.each([
  ['text/event-stream', true],
  ['application/json, Text/Event-Stream;q=0.9', true],
  ['application/json', false],
  ['*/*', false],
  ['', false],
])('Accept: %s', (accept, expected) => {
  expect(wantsEvents(new Headers({ accept }))).toBe(expected);
});
