import { describe, expect, test } from 'vitest';
import { ChatStreamReading, textBytes } from '../../shared/model/usage/chat-stream.ts';
import { ResponseStreamReading } from '../../shared/model/usage/response-usage.ts';
import { MOST_EVENT_BYTES, SseReader } from '../../shared/model/usage/sse-reader.ts';
import { MessageStreamReading, type StreamReading } from '../../shared/model/usage/stream-reading.ts';

const event = (data: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const typed = (data: { type: string } & Record<string, unknown>): string => event(data, data.type);

/** Feeds each text as a chunk of its own. */
function readBy<R extends StreamReading>(stream: R, ...texts: string[]) {
  let firstOutputs = 0;
  stream.onFirstOutput = () => {
    firstOutputs += 1;
  };
  const passed = texts.map((text) => stream.feed(Buffer.from(text)));
  return { reading: stream.reading, passed, firstOutputs };
}

describe('a stream of messages', () => {
  const start = (usage: object, more = {}) =>
    typed({ type: 'message_start', message: { id: 'msg_1', model: 'claude-haiku-5-5', usage, ...more } });
  const delta = (text: string) => typed({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
  const block = (content_block: object) => typed({ type: 'content_block_start', index: 0, content_block });
  const count = (usage: object) => typed({ type: 'message_delta', delta: {}, usage });
  const stop = typed({ type: 'message_stop' });
  const usual = { input_tokens: 3, output_tokens: 1 };
  const read = (...texts: string[]) => readBy(new MessageStreamReading(), ...texts);

  test('totals are complete once an output count came after all output', () => {
    expect(read(start(usual)).reading.complete).toBe(false);
    expect(read(start(usual), count({ output_tokens: 9 })).reading).toMatchObject({
      complete: true,
      usage: { output: 9 },
    });
    expect(read(start(usual), count({ output_tokens: 9 }), delta('x')).reading.complete).toBe(false);
    expect(read(start(usual), count({ output_tokens: 9 }), block({ type: 'text' })).reading.complete).toBe(false);
    expect(read(start(usual), count({ input_tokens: 9 })).reading.complete).toBe(false);
    expect(read(start(usual), count({ output_tokens: 9 }), count({})).reading.complete).toBe(true);
    expect(read(start(usual), count({ output_tokens: 9 }), delta('x'), count({})).reading.complete).toBe(false);
    expect(read(start(usual), count({ output_tokens: '9' })).reading.complete).toBe(false);
    expect(read(start(usual), count({ output_tokens: 9 }), start(usual)).reading.complete).toBe(false);
    expect(read(start(usual), count({ output_tokens: 9 }), start(usual), count({})).reading.complete).toBe(false);
  });

  test('the text of a delta counts without the JSON around it, never less than nothing', () => {
    const bytes = (text: string) => Buffer.byteLength(/data: (.*)/.exec(text)?.[1] ?? '');
    const long = delta('ü'.repeat(200));
    expect(read(long).reading.outputBytes).toBe(bytes(long) - 80);
    expect(read(typed({ type: 'content_block_delta' })).reading.outputBytes).toBe(0);
    const given = block({ type: 'text', text: 'y'.repeat(200) });
    expect(read(given).reading.outputBytes).toBe(bytes(given) - 80);
    expect(read(block({ type: 'text' })).reading.outputBytes).toBe(0);
  });

  test('searches are counted by their blocks, and what they find does not count as output', () => {
    const search = block({ type: 'server_tool_use', name: 'web_search' });
    const found = block({ type: 'web_search_tool_result', content: 'x'.repeat(500) });
    expect(read(search, found).reading).toMatchObject({ searches: 1, outputBytes: read(search).reading.outputBytes });
  });

  test('the first output is reported once', () => {
    expect(read(start(usual), count({})).firstOutputs).toBe(0);
    expect(read(start(usual), block({ type: 'text' }), delta('a'), delta('b')).firstOutputs).toBe(1);
  });

  test('the end: nothing of it passes, nor of what follows', () => {
    const before = delta('a');
    const { passed } = read(before + stop + delta('b'), 'data: more\n\n');
    expect(passed).toEqual([Buffer.byteLength(before), 0]);
    expect(read(stop.slice(0, 5), stop.slice(5)).passed).toEqual([5, 0]);
  });

  test('an error in it ends it', () => {
    const before = delta('a');
    const { reading, passed } = read(before + typed({ type: 'error', error: {} }));
    expect(reading.failed).toBe(true);
    expect(passed).toEqual([before.length]);
  });

  test('a message after the end goes on; the one before is kept', () => {
    const first = start(usual) + count({ output_tokens: 9 }) + stop;
    const second = start({ input_tokens: 5, output_tokens: 1 }, { id: 'msg_2' });
    const { reading, passed } = read(first, second, delta('x'));
    expect(passed).toEqual([first.length - stop.length, second.length, delta('x').length]);
    expect(reading).toMatchObject({ id: 'msg_2', usage: { input: 5 }, outputBytes: expect.any(Number) });
    expect(reading.earlier).toMatchObject([{ id: 'msg_1', complete: true, usage: { output: 9 } }]);
    const third = read(first, second, start(usual, { id: 'msg_3' })).reading;
    expect(third.earlier?.map(({ id }) => id)).toEqual(['msg_1', 'msg_2']);
    expect(read(start(usual)).reading.earlier).toBeUndefined();
  });

  test.each([
    ['no id', { id: undefined }, { id: undefined }],
    ['an empty id', { id: '' }, { id: undefined }],
    ['a number as its id', { id: 5 }, { id: undefined }],
    ['a text that cannot be a model', { model: 'a secret of mine' }, { model: undefined }],
  ])('%s', (_name, more, expected) => {
    expect(read(start(usual, more)).reading).toMatchObject(expected);
  });

  test('the model that answers in place of another is named by either count', () => {
    const iterations = [{ type: 'fallback_message', model: 'claude-opus-5-5' }];
    expect(read(start({ ...usual, iterations })).reading.model).toBe('claude-opus-5-5');
    expect(read(start(usual), count({ iterations })).reading.model).toBe('claude-opus-5-5');
    expect(read(start(usual), count({})).reading.model).toBe('claude-haiku-5-5');
  });

  test('events without a name, or by the usual one, go by the type in their data', () => {
    const data = { type: 'message_delta', usage: { output_tokens: 9 } };
    expect(read(start(usual), event(data)).reading.usage.output).toBe(9);
    expect(read(start(usual), event(data, 'message')).reading.usage.output).toBe(9);
    expect(read(start(usual), event(data, 'thought')).reading.usage.output).toBe(1);
    for (const none of ['no JSON', '[1]', 'null', '7']) expect(read(event(none)).reading.failed).toBe(false);
  });
});

describe('a stream of chat completions', () => {
  const chunk = (more: object) => event({ id: 'c1', model: 'gpt-4o', choices: [], ...more });
  const delta = (content: unknown, role?: string) => chunk({ choices: [{ index: 0, delta: { role, content } }] });
  const usage = { prompt_tokens: 3, completion_tokens: 4 };
  const read = (...texts: string[]) => readBy(new ChatStreamReading(), ...texts);

  test('text counts in bytes, a role does not; the first output is reported once', () => {
    const { reading, firstOutputs } = read(delta('', 'assistant'), delta('Grü'), delta('ße'));
    expect(reading).toMatchObject({ id: 'c1', model: 'gpt-4o', outputBytes: 7, complete: false });
    expect(firstOutputs).toBe(1);
    expect(read(delta('', 'assistant')).firstOutputs).toBe(0);
    const tool = chunk({ choices: [{ delta: { tool_calls: [{ function: { name: 'ab', arguments: '{}' } }] } }] });
    expect(read(tool).reading.outputBytes).toBe(4);
  });

  test('its usage is complete until more output comes', () => {
    expect(read(chunk({ usage })).reading).toMatchObject({ complete: true, usage: { input: 3, output: 4 } });
    expect(read(chunk({ usage }), delta('x')).reading.complete).toBe(false);
    expect(read(chunk({ usage }), delta('', 'assistant')).reading.complete).toBe(true);
    expect(read(chunk({ usage }), chunk({ usage: null })).reading.complete).toBe(true);
    expect(read(chunk({ usage }), chunk({ usage: 7 })).reading.usage.input).toBe(3);
    expect(read(chunk({ usage: { prompt_tokens: 3 } })).reading.complete).toBe(false);
    expect(read(chunk({ usage, service_tier: 'flex' })).reading.usage.serviceTier).toBe('flex');
  });

  test('the end: nothing of it passes', () => {
    const before = delta('x');
    const { reading, passed } = read(before + event('[DONE]'), delta('y'));
    expect(passed).toEqual([before.length, 0]);
    expect(reading).toMatchObject({ ended: true, failed: false });
    expect(read(before).reading.ended).toBeUndefined();
  });

  test('an error in it ends it', () => {
    const before = delta('x');
    const { reading, passed } = read(before + event({ error: { message: 'm' } }));
    expect(passed).toEqual([before.length]);
    expect(reading.failed).toBe(true);
    expect(reading.ended).toBeUndefined();
    expect(read(event({ error: null })).reading.failed).toBe(false);
  });

  test('choices that are not a list say nothing', () => {
    expect(read(chunk({ choices: 'x' }), chunk({ choices: [7, null] })).reading).toMatchObject({
      ...{ outputBytes: 0, failed: false },
    });
  });

  test.each([
    ['abc', 3],
    ['ü', 2],
    [{ a: 'ab', b: ['c', { d: 'e' }] }, 4],
    [{ a: 7, b: true, c: null }, 0],
    [null, 0],
    [undefined, 0],
  ])('texts of %j: %i bytes', (value, bytes) => {
    expect(textBytes(value)).toBe(bytes);
  });
});

describe('a stream of a response', () => {
  const response = (more: object = {}) => ({
    id: 'r1',
    model: 'gpt-5',
    usage: { input_tokens: 3, output_tokens: 4 },
    ...more,
  });
  const delta = (text: unknown) => typed({ type: 'response.output_text.delta', delta: text });
  const read = (...texts: string[]) => readBy(new ResponseStreamReading(), ...texts);

  test('names come with the first event, output counts in bytes', () => {
    const { reading, firstOutputs } = read(
      typed({ type: 'response.created', response: { id: 'r1', model: 'gpt-5' } }),
      delta('Grü'),
      delta('ße'),
    );
    expect(reading).toMatchObject({ id: 'r1', model: 'gpt-5', outputBytes: 7, complete: false });
    expect(reading.ended).toBeUndefined();
    expect(firstOutputs).toBe(1);
    expect(read(delta({ a: 'x' })).firstOutputs).toBe(0);
    expect(read(typed({ type: 'response.in_progress', response: response() })).reading.id).toBeUndefined();
  });

  test.each(['response.completed', 'response.incomplete', 'response.failed'])(
    '%s has the totals and ends it',
    (type) => {
      const before = delta('x');
      const { reading, passed } = read(before + typed({ type, response: response() }), delta('y'));
      expect(reading).toMatchObject({
        id: 'r1',
        complete: true,
        ended: true,
        failed: false,
        usage: { input: 3, output: 4 },
      });
      expect(passed).toEqual([before.length, 0]);
    },
  );

  test('one that failed says so', () => {
    const error = { code: 'server_error' };
    expect(read(typed({ type: 'response.failed', response: response({ error }) })).reading.failed).toBe(true);
  });

  test('an error ends it, by its type or its name', () => {
    const before = delta('x');
    for (const text of [event({ type: 'error' }), event({}, 'error')]) {
      const { reading, passed } = read(before + text);
      expect(reading.failed).toBe(true);
      expect(reading.ended).toBeUndefined();
      expect(passed).toEqual([before.length]);
    }
    expect(read(before).passed).toEqual([before.length]);
  });
});

describe('an event that cannot be read', () => {
  const unread = 'data: {"type":"content_block_delta","choices":[{"delta":{"content":"The rim road';
  const streams: [string, () => StreamReading, string][] = [
    ['messages', () => new MessageStreamReading(), typed({ type: 'message_delta', usage: { output_tokens: 9 } })],
    ['chat completions', () => new ChatStreamReading(), event({ usage: { prompt_tokens: 3, completion_tokens: 9 } })],
    ['a response', () => new ResponseStreamReading(), ''],
  ];

  test.each(streams)('of %s counts as output, and is the first', (_name, create) => {
    const { reading, firstOutputs } = readBy(create(), `${unread}\n\n`);
    expect(reading).toMatchObject({ outputBytes: unread.length - 6, complete: false });
    expect(firstOutputs).toBe(1);
  });

  test.each(streams.slice(0, 2))('of %s is in the totals that come after it', (_name, create, totals) => {
    const begun = typed({ type: 'message_start', message: { usage: { input_tokens: 3, output_tokens: 1 } } });
    const { reading } = readBy(create(), begun, `${unread}\n\n`, totals);
    expect(reading).toMatchObject({ complete: true, usage: { output: 9 } });
  });

  test.each(streams)('that is empty, or the end of another API, says nothing in %s', (_name, create) => {
    expect(readBy(create(), 'data:\n\n', 'data: [DONE]\n\n').reading.outputBytes).toBe(0);
  });
});

describe('server-sent events', () => {
  const events = (...chunks: (string | Uint8Array)[]) => {
    const seen: [string, string, number, number][] = [];
    const reader = new SseReader((one) => seen.push([one.name, one.data(), one.dataBytes, one.start]));
    for (const chunk of chunks) reader.feed(Buffer.from(chunk));
    return seen;
  };

  test.each<[string, string, [string, string][]]>([
    ['a mark at the beginning is passed over', '\ufeffdata: a\n\n', [['', 'a']]],
    ['a mark later is not', 'data: a\n\n\ufeffdata: b\n\n', [['', 'a']]],
    [
      'one space after the colon is not of the value',
      'data:a\n\ndata:  b\n\n',
      [
        ['', 'a'],
        ['', ' b'],
      ],
    ],
    ['a value that begins with a colon', 'data::\n\n', [['', ':']]],
    [
      'an empty value',
      'data:\n\ndata: \n\n',
      [
        ['', ''],
        ['', ''],
      ],
    ],
    ['a field without a colon', 'data\n\n', [['', '']]],
    ['other fields', 'datax: 1\nda: 2\nevents: 3\nid: 4\ndatb: 5\n\n', []],
    ['a field whose colon is another sign', 'data;a\n\n', []],
    ['other fields change no name', 'event: a\nid: 7\n: c\ndata: b\nretry: 1\n\n', [['a', 'b']]],
    ['a name without data is not an event', 'event: a\n\ndata: b\n\n', [['', 'b']]],
    ['the last name counts', 'event: a\nevent: b\ndata: c\n\n', [['b', 'c']]],
    ['an event that is not ended', 'data: a\n', []],
    [
      'each kind of line end',
      'data: a\r\rdata: b\n\ndata: c\r\n\r\ndata: d\r\ndata: e\r\n\r\n',
      [
        ['', 'a'],
        ['', 'b'],
        ['', 'c'],
        ['', 'd\ne'],
      ],
    ],
  ])('%s', (_name, text, expected) => {
    expect(events(text).map(([name, data]) => [name, data])).toEqual(expected);
    const bytes = Buffer.from(text);
    const single = [...bytes].map((_, at) => bytes.subarray(at, at + 1));
    expect(events(...single).map(([name, data]) => [name, data])).toEqual(expected);
  });

  test('the bytes of the data, and where an event begins in its chunk', () => {
    const first = 'data: ü\ndata: b\n\n';
    expect(events(`${first}: c\nevent: x\ndata: y\n\n`)).toEqual([
      ['', 'ü\nb', 4, 0],
      ['x', 'y', 1, Buffer.byteLength(first)],
    ]);
    expect(events('data: a\r\n', '\r\ndata: b\r\n\r\n')).toEqual([
      ['', 'a', 1, 0],
      // Behind the carriage return: the line feed of the same line end comes first.
      ['', 'b', 1, 1],
    ]);
  });

  test('of an event that is larger than may be kept there is its size', () => {
    const piece = 'x'.repeat(1 << 20);
    const seen: [string, number][] = [];
    const reader = new SseReader((one) => seen.push([one.data(), one.dataBytes]));
    const feed = (text: string) => reader.feed(Buffer.from(text));
    const pieces = MOST_EVENT_BYTES / piece.length;
    // As large as may be, in one line; larger in one line; larger in many lines.
    feed('data:');
    for (let n = 0; n < pieces - 1; n++) feed(piece);
    feed('\n\n');
    feed('data:');
    for (let n = 0; n < pieces + 2; n++) feed(piece);
    feed('\ndata: y\n\n');
    for (let n = 0; n < pieces + 2; n++) feed(`data: ${piece}\n`);
    feed('\ndata: z\n\n');
    expect(seen.map(([data, bytes]) => [data.length, bytes >= data.length])).toEqual([
      [MOST_EVENT_BYTES - piece.length, true],
      [0, true],
      [0, true],
      [1, true],
    ]);
    for (const [, bytes] of seen.slice(1, 3)) expect(bytes).toBeGreaterThanOrEqual(MOST_EVENT_BYTES);
    expect(seen.at(-1)).toEqual(['z', 1]);
  });
});
