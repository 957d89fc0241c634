import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMessage } from '../../shared/model/usage/answer-reading.ts';
import { readChatCompletion } from '../../shared/model/usage/chat-usage.ts';
import { SseReader } from '../../shared/model/usage/sse-reader.ts';
import { MessageStreamReading } from '../../shared/model/usage/stream-reading.ts';
import { emptyUsage, mergeUsage, priceModifiers, toUnits } from '../../shared/model/usage/usage.ts';

const units = (usage: unknown, options = {}) => toUnits(mergeUsage(emptyUsage, usage), options);

describe('units of a usage', () => {
  test.each([
    ['text only', { input_tokens: 10, output_tokens: 5 }, { text: { input: 10, output: 5 } }],
    ['nothing at all', {}, { text: { input: 0, output: 0 } }],
    ['no object', null, { text: { input: 0, output: 0 } }],
    [
      'all caches',
      {
        input_tokens: 10,
        output_tokens: 5,
        cache_creation_input_tokens: 100,
        cache_creation: { ephemeral_5m_input_tokens: 60, ephemeral_1h_input_tokens: 40 },
        cache_read_input_tokens: 7,
      },
      {
        text: { input: 10, output: 5 },
        text_cache_write: { input: 60, output: 0 },
        text_cache_write_1h: { input: 40, output: 0 },
        text_cache_read: { input: 7, output: 0 },
      },
    ],
    [
      'a sum without a split is five minutes',
      { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 9, cache_creation: null },
      { text: { input: 1, output: 1 }, text_cache_write: { input: 9, output: 0 } },
    ],
    [
      'searches',
      { input_tokens: 1, output_tokens: 1, server_tool_use: { web_search_requests: 3, code_execution_requests: 2 } },
      { text: { input: 1, output: 1 }, web_search_request: { output: 3 } },
    ],
    [
      'nulls and unknown members',
      { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: null, server_tool_use: null, brand_new: { a: 1 } },
      { text: { input: 1, output: 2 } },
    ],
    [
      'large context from 200,000 on, caches counted',
      {
        input_tokens: 1,
        output_tokens: 2,
        cache_read_input_tokens: 199_999,
        server_tool_use: { web_search_requests: 1 },
      },
      {
        text_large_context: { input: 1, output: 2 },
        text_cache_read_large_context: { input: 199_999, output: 0 },
        web_search_request: { output: 1 },
      },
    ],
    [
      'compaction comes on top of the totals',
      {
        input_tokens: 10,
        output_tokens: 5,
        iterations: [
          { type: 'message', input_tokens: 10, output_tokens: 5 },
          { type: 'compaction', input_tokens: 100, output_tokens: 20 },
        ],
      },
      { text: { input: 110, output: 25 } },
    ],
    ['malformed counts: their lower ends', { input_tokens: -1, output_tokens: 1.5 }, { text: { input: 0, output: 2 } }],
  ])('%s', (_name, usage, expected) => {
    expect(units(usage)).toEqual(expected);
  });

  test('an unexplained surplus is one hour when the request asks for it', () => {
    const usage = {
      input_tokens: 1,
      output_tokens: 1,
      cache_creation_input_tokens: 500,
      cache_creation: { ephemeral_5m_input_tokens: 60, ephemeral_1h_input_tokens: 40 },
    };
    expect(units(usage)).toMatchObject({ text_cache_write: { input: 460 }, text_cache_write_1h: { input: 40 } });
    expect(units(usage, { oneHourCache: true })).toMatchObject({
      text_cache_write: { input: 60 },
      text_cache_write_1h: { input: 440 },
    });
  });

  test('a total that shrank below its split', () => {
    const started = mergeUsage(emptyUsage, {
      input_tokens: 1,
      output_tokens: 1,
      cache_creation_input_tokens: 100,
      cache_creation: { ephemeral_5m_input_tokens: 60, ephemeral_1h_input_tokens: 40 },
    });
    const shrunk = toUnits(mergeUsage(started, { cache_creation_input_tokens: 50 }));
    expect(shrunk).toMatchObject({ text_cache_write: { input: 10 }, text_cache_write_1h: { input: 40 } });
  });

  test('vision is what the text does not explain', () => {
    const usage = { input_tokens: 1_000, output_tokens: 5 };
    expect(units(usage, { textTokensBesideImages: 300 })).toEqual({
      text: { input: 300, output: 5 },
      vision: { input: 700, output: 0 },
    });
    expect(units(usage, { textTokensBesideImages: 2_000 })).toEqual({ text: { input: 1_000, output: 5 } });
  });

  test('deltas replace, nulls keep, nothing is added', () => {
    let usage = mergeUsage(emptyUsage, { input_tokens: 10, output_tokens: 1, speed: 'fast', inference_geo: 'us' });
    usage = mergeUsage(usage, { output_tokens: 50, input_tokens: null });
    usage = mergeUsage(usage, { output_tokens: 80, input_tokens: 10_682, server_tool_use: { web_search_requests: 2 } });
    expect(toUnits(usage)).toEqual({ text: { input: 10_682, output: 80 }, web_search_request: { output: 2 } });
    expect(priceModifiers(usage)).toEqual(['fast', 'us']);
  });
});

test('a chat completion: cached tokens are apart', () => {
  const answer = {
    id: 'c1',
    model: 'gpt-4o',
    usage: { prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 40 } },
  };
  const reading = readChatCompletion(answer);
  expect(reading).toMatchObject({ id: 'c1', model: 'gpt-4o', complete: true });
  expect(toUnits(reading.usage)).toEqual({ text: { input: 60, output: 7 }, text_cache_read: { input: 40, output: 0 } });
});

test.each([undefined, null, 'text', 7, [], {}, { usage: 7 }])('a malformed answer: %j', (body) => {
  expect(readMessage(body)).toMatchObject({ complete: false });
  expect(readChatCompletion(body)).toMatchObject({ complete: false });
});

const stream = [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":12,"output_tokens":1,"cache_creation_input_tokens":100,"cache_creation":{"ephemeral_5m_input_tokens":60,"ephemeral_1h_input_tokens":40},"speed":"standard"}}}\n\n',
  'event: ping\ndata: {"type":"ping"}\n\n',
  ': a comment\n\n',
  'event: content_block_start\r\ndata: {"type":"content_block_start","index":0}\r\n\r\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüße von den Höhen, ✓ und weiter"}}\n\n',
  'event: never_heard_of\rdata: {"x":1}\rdata: {"y":2}\r\r',
  'event: message_delta\ndata: {"type":"message_delta",\ndata: "usage":{"output_tokens":40,"input_tokens":500}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
];
const bytes = Buffer.from(stream.join(''));
const cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 60 });

function chunksOf(points: number[]): Uint8Array[] {
  const at = [0, ...[...points].sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('a stream, however it is cut', () => {
  test('reads the same', () => {
    const whole = new MessageStreamReading();
    whole.feed(bytes);
    expect(whole.reading).toMatchObject({ id: 'msg_1', model: 'claude-x', complete: true, failed: false });
    expect(toUnits(whole.reading.usage)).toEqual({
      text: { input: 500, output: 40 },
      text_cache_write: { input: 60, output: 0 },
      text_cache_write_1h: { input: 40, output: 0 },
    });
    fc.assert(
      fc.property(cuts, (points) => {
        const cut = new MessageStreamReading();
        for (const chunk of chunksOf(points)) cut.feed(chunk);
        expect(cut.reading).toEqual(whole.reading);
      }),
    );
  });

  test('never lets the last event pass whole', () => {
    const lastEvent = bytes.length - Buffer.byteLength(stream.at(-1) ?? '');
    fc.assert(
      fc.property(cuts, (points) => {
        const reading = new MessageStreamReading();
        let passed = 0;
        for (const chunk of chunksOf(points)) {
          const passing = reading.feed(chunk);
          passed += passing;
          if (passing < chunk.length) break;
        }
        expect(passed).toBeLessThan(bytes.length);
        expect(passed).toBeGreaterThanOrEqual(lastEvent);
      }),
    );
  });

  test('hands out the same events', () => {
    const events = (chunks: Uint8Array[]) => {
      const seen: [string, string][] = [];
      const reader = new SseReader((event) => seen.push([event.name, event.data()]));
      for (const chunk of chunks) {
        const lent = Uint8Array.from(chunk);
        reader.feed(lent);
        lent.fill(0);
      }
      return seen;
    };
    const whole = events([bytes]);
    expect(whole.map(([name]) => name)).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
      'never_heard_of',
      'message_delta',
      'message_stop',
    ]);
    expect(whole[4]).toEqual(['never_heard_of', '{"x":1}\n{"y":2}']);
    fc.assert(fc.property(cuts, (points) => void expect(events(chunksOf(points))).toEqual(whole)));
  });
});
