import { Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { withBody } from '../../shared/util/fetch/replaced-body.ts';

const TEXT = '{"a":"ü"}';
const bytes = (): ArrayBuffer => new Uint8Array(Buffer.from(TEXT)).buffer;
const original = () =>
  new Response('consumed', { status: 201, headers: { 'content-type': 'application/json', 'x-a': '1' } });
const json = () => withBody(original(), { whole: bytes, bytes, json: () => JSON.parse(TEXT) as unknown });
const readable = () => ReadableStream.from([Buffer.from(TEXT.slice(0, 3)), Buffer.from(TEXT.slice(3))]);
const streamed = () => withBody(original(), { whole: readable, pieces: () => readable().values() });

async function allOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
const bodyOf = (answer: Response): ReadableStream<Uint8Array> => {
  if (!answer.body) throw new Error('no body');
  return answer.body;
};

const ways: Record<string, (answer: Response) => Promise<string>> = {
  json: async (answer) => JSON.stringify(await answer.json()),
  text: (answer) => answer.text(),
  arrayBuffer: async (answer) => Buffer.from(await answer.arrayBuffer()).toString(),
  blob: async (answer) => (await answer.blob()).text(),
  clone: (answer) => answer.clone().text(),
  'body, iterated': (answer) => allOf(bodyOf(answer)),
  'body, by a reader': async (answer) => {
    const reader = bodyOf(answer).getReader();
    expect(bodyOf(answer).locked).toBe(true);
    let all = '';
    for (let read = await reader.read(); !read.done; read = await reader.read())
      all += Buffer.from(read.value).toString('latin1');
    return Buffer.from(all, 'latin1').toString();
  },
  'body, piped': (answer) => allOf(bodyOf(answer).pipeThrough(new TransformStream())),
  'body, as a Node stream': (answer) => allOf(Readable.fromWeb(bodyOf(answer) as never)),
  'body, in another response': (answer) => new Response(bodyOf(answer)).text(),
};

describe.each([
  ['JSON', json],
  ['stream', streamed],
])('%s', (_name, make) => {
  test.each(Object.keys(ways))('reads the same by %s', async (way) => {
    await expect(ways[way]?.(make())).resolves.toBe(TEXT);
  });

  test('stays the same response', () => {
    const answer = make();
    expect(answer).toBeInstanceOf(Response);
    expect(answer.body).toBeInstanceOf(ReadableStream);
    expect(answer.body).toBe(answer.body);
    expect([answer.status, answer.ok, answer.headers.get('x-a'), answer.bodyUsed]).toEqual([201, true, '1', false]);
  });

  test.each(['json', 'text', 'arrayBuffer', 'body, iterated'])('cannot be read twice (%s)', async (way) => {
    const answer = make();
    await ways[way]?.(answer);
    expect(answer.bodyUsed).toBe(true);
    await expect(answer.json()).rejects.toBeInstanceOf(TypeError);
    await expect(answer.text()).rejects.toBeInstanceOf(TypeError);
    expect(() => answer.clone()).toThrow(TypeError);
  });
});

test('asking whether it is used or locked builds nothing', () => {
  const whole = vi.fn(bytes);
  const answer = withBody(original(), { whole });
  expect([answer.bodyUsed, bodyOf(answer).locked]).toEqual([false, false]);
  expect(whole).not.toHaveBeenCalled();
});
