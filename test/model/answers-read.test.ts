import { describe, expect, test } from 'vitest';
import {
  type AnswerReading,
  emptyReading,
  noteBlock,
  otherReadings,
  readMessage,
  saysOutput,
  unreadableAnswer,
} from '../../shared/model/usage/answer-reading.ts';
import { readChatCompletion } from '../../shared/model/usage/chat-usage.ts';
import { readEmbeddings } from '../../shared/model/usage/embeddings-usage.ts';
import { readResponse } from '../../shared/model/usage/response-usage.ts';
import { emptyUsage } from '../../shared/model/usage/usage.ts';

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('a message', () => {
  const usage = { input_tokens: 3, output_tokens: 4 };
  const text = { type: 'text', text: 'Grüße' };

  test('with its totals: what it contains does not matter', () => {
    const message = { id: 'msg_1', type: 'message', model: 'claude-haiku-5-5', content: [text], usage };
    expect(readMessage(message)).toEqual({
      ...emptyReading(),
      ...{ id: 'msg_1', model: 'claude-haiku-5-5', complete: true, usage: { ...emptyUsage, input: 3, output: 4 } },
    });
  });

  test.each([
    ['no id', { id: undefined }, { id: undefined }],
    ['an empty id', { id: '' }, { id: undefined }],
    ['a number as its id', { id: 7 }, { id: undefined }],
    ['no input', { usage: { output_tokens: 4 } }, { complete: false }],
    ['no output', { usage: { input_tokens: 4 } }, { complete: false }],
    ['a count that cannot be read', { usage: { ...usage, cache_read_input_tokens: '7' } }, { complete: false }],
    ['an error', { type: 'error' }, { failed: true, complete: true }],
    ['a text that cannot be a model', { model: 'tell me a secret' }, { model: undefined }],
    [
      'another model that answered',
      { usage: { ...usage, iterations: [{ type: 'fallback_message', model: 'claude-opus-5-5' }] } },
      { model: 'claude-opus-5-5' },
    ],
  ])('with %s', (_name, more, expected) => {
    const message = { id: 'msg_1', type: 'message', model: 'claude-haiku-5-5', content: [text], usage, ...more };
    expect(readMessage(message)).toMatchObject(expected);
  });

  test('without totals: its blocks are counted', () => {
    const content = [text, { type: 'server_tool_use', name: 'web_search', input: {} }, text];
    const sum = content.reduce((bytes, block) => bytes + bytesOf(block), 0);
    expect(readMessage({ content })).toMatchObject({ outputBytes: sum, searches: 1, complete: false });
    expect(readMessage({ content: text })).toMatchObject({ outputBytes: bytesOf(text), searches: 0 });
  });

  test.each([
    [undefined, 0],
    ['Grüße', 9],
    [[text], bytesOf([text])],
  ])('%j is not a message: its bytes count', (body, bytes) => {
    expect(readMessage(body)).toEqual(unreadableAnswer(bytes));
  });
});

describe('a block without totals', () => {
  const noted = (block: unknown, bytes?: number): AnswerReading => {
    const reading = emptyReading();
    noteBlock(reading, block, bytes);
    return reading;
  };

  test.each([
    ['a search', { type: 'server_tool_use', name: 'web_search' }, 1],
    ['another tool of the provider', { type: 'server_tool_use', name: 'web_fetch' }, 0],
    ['a tool of the client', { type: 'tool_use', name: 'web_search' }, 0],
  ])('%s', (_name, block, searches) => {
    expect(noted(block)).toMatchObject({ searches, outputBytes: bytesOf(block) });
  });

  test('what a tool found is not output', () => {
    expect(noted({ type: 'web_search_tool_result', content: 'x' }, 500).outputBytes).toBe(0);
    expect(noted({ type: 'tool_result_of_mine' }, 500).outputBytes).toBe(500);
    expect(noted('text', 12).outputBytes).toBe(12);
  });

  test('the turns of server tools are known from the first block on', () => {
    const reading = noted({ type: 'text', text: 'x' });
    const { turns } = reading;
    noteBlock(reading, { type: 'text', text: 'y' });
    expect(reading.turns).toBe(turns);
  });
});

describe('what was charged apart', () => {
  const other = { ...{ input: 1, output: 2, cacheWrite: 3, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 4 } };
  const reading = (id: string | undefined, more: Partial<AnswerReading> = {}): AnswerReading => ({
    ...emptyReading(),
    id,
    ...more,
  });

  test('earlier messages keep their ids, unless a message before has it', () => {
    const earlier = [reading('a'), reading('a'), reading('b'), reading('last')];
    const last = reading('last', { earlier });
    expect(otherReadings(last).map(({ id }) => id)).toEqual(['a', undefined, 'b', undefined]);
    expect(otherReadings(reading('a'))).toEqual([]);
  });

  test('other models: their counts, with what served the call, the last one first', () => {
    const usage = {
      ...emptyUsage,
      ...{ input: 100, webSearches: 5, servedBy: 'claude-haiku-5-5', speed: 'fast', reasoning: 9 },
      others: [
        { model: 'claude-opus-5-5', readable: true, ...other },
        { model: 'claude-fable-5-2', readable: false, ...other },
      ],
    };
    const readings = otherReadings(reading('a', { usage, complete: true, outputBytes: 50, searches: 5 }));
    const counted = { ...usage, ...other, webSearches: null, servedBy: null, others: [] };
    expect(readings).toEqual([
      { ...emptyReading(), model: 'claude-fable-5-2', complete: false, usage: { ...counted, unreadable: ['input'] } },
      { ...emptyReading(), model: 'claude-opus-5-5', complete: true, usage: { ...counted, unreadable: [] } },
    ]);
  });

  test('those of earlier messages too', () => {
    const usage = { ...emptyUsage, others: [{ model: 'claude-opus-5-5', readable: true, ...other }] };
    const readings = otherReadings(reading('b', { earlier: [reading('a', { usage })] }));
    expect(readings.map(({ id, model }) => [id, model])).toEqual([
      ['a', undefined],
      [undefined, 'claude-opus-5-5'],
    ]);
  });
});

test.each([
  [{ output_tokens: 0 }, true],
  [{ output_tokens: 'x' }, true],
  [{ output_tokens: null }, false],
  [{ input_tokens: 3 }, false],
  [undefined, false],
])('%j says what was answered: %s', (usage, says) => {
  expect(saysOutput(usage)).toBe(says);
});

describe('a chat completion', () => {
  const usage = { prompt_tokens: 3, completion_tokens: 4 };
  const choices = [{ message: { content: 'Grüße' } }];

  test.each([
    ['whole', {}, { id: 'c1', model: 'gpt-4o', complete: true, failed: false, outputBytes: 0 }],
    ['no usage', { usage: undefined }, { complete: false, outputBytes: bytesOf(choices) }],
    ['no output said', { usage: { prompt_tokens: 3 } }, { complete: false, outputBytes: bytesOf(choices) }],
    ['an empty id', { id: '' }, { id: undefined }],
    ['a number as its id', { id: 7 }, { id: undefined }],
    ['an error', { error: { message: 'm' } }, { failed: true }],
    ['no error', { error: null }, { failed: false }],
    ['an error that is a text', { error: 'busy' }, { failed: false }],
  ])('%s', (_name, more, expected) => {
    expect(readChatCompletion({ id: 'c1', model: 'gpt-4o', usage, choices, ...more })).toMatchObject(expected);
  });

  test('any other body counts as output', () => {
    expect(readChatCompletion({ hello: 1 })).toMatchObject({ complete: false, outputBytes: bytesOf({ hello: 1 }) });
  });
});

describe('a response', () => {
  const usage = { input_tokens: 3, output_tokens: 4 };
  const output = [{ type: 'message', content: 'Grüße' }];

  test.each([
    ['whole', {}, { id: 'r1', model: 'gpt-5', complete: true, failed: false, outputBytes: 0 }],
    ['no usage', { usage: null }, { complete: false, outputBytes: bytesOf(output) }],
    ['an error', { error: { code: 'server_error' } }, { failed: true, complete: true }],
    ['a tier', { service_tier: 'flex' }, { usage: { serviceTier: 'flex' } }],
  ])('%s', (_name, more, expected) => {
    expect(readResponse({ id: 'r1', model: 'gpt-5', usage, output, error: null, ...more })).toMatchObject(expected);
  });

  test('any other body counts as output', () => {
    expect(readResponse({ hello: 1 })).toMatchObject({ complete: false, outputBytes: bytesOf({ hello: 1 }) });
  });
});

test('embeddings: input is paid for alone', () => {
  const answer = { id: 'e1', model: 'text-embedding-3-small', usage: { prompt_tokens: 8, total_tokens: 8 } };
  expect(readEmbeddings(answer)).toEqual({
    ...emptyReading(),
    ...{ id: 'e1', model: 'text-embedding-3-small', complete: true },
    usage: { ...emptyUsage, input: 8, output: 0, cacheRead: 0, cacheWrite: 0 },
  });
  expect(readEmbeddings({})).toMatchObject({ complete: false, failed: false });
  expect(readEmbeddings({ error: {} }).failed).toBe(true);
});
