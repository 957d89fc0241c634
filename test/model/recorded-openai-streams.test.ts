import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { readChatShape } from '../../shared/model/request/openai/chat-shape.ts';
import { readResponseShape } from '../../shared/model/request/openai/response-shape.ts';
import type { AnswerReading } from '../../shared/model/usage/answer-reading.ts';
import { ChatStreamReading } from '../../shared/model/usage/chat-stream.ts';
import { ResponseStreamReading } from '../../shared/model/usage/response-usage.ts';
import { estimateUsage } from '../../shared/tracking/estimate-usage.ts';
import { fedTo, plain, type RecordedEvent, writing, written } from './stream-writing.ts';

const QUESTION = 'Which trails near Moab are dry? Wüste 🏜️';
const messages = [{ role: 'user', content: QUESTION }];
const parameters = { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] };
const chat = { model: 'gpt-4.1-mini', stream: true, stream_options: { include_usage: true }, messages };
const response = { model: 'gpt-4.1-mini', stream: true, input: QUESTION };

/** How the streams of an API are read, and requests for some. */
const apis = {
  chat: {
    path: 'chat/completions',
    requests: [
      chat,
      { ...chat, n: 2 },
      { ...chat, tools: [{ type: 'function', function: { name: 'weather', parameters } }] },
    ],
    open: () => new ChatStreamReading(),
    shapeOf: readChatShape,
    error: { type: '', data: '{"error":{"message":"m","type":"server_error","param":null,"code":null}}' },
  },
  responses: {
    path: 'responses',
    requests: [response, { ...response, tools: [{ type: 'function', name: 'weather', parameters }] }],
    open: () => new ResponseStreamReading(),
    shapeOf: readResponseShape,
    error: { type: 'error', data: '{"type":"error","code":"server_error","message":"m","param":null}' },
  },
};
const settings = { seed: 20_261_123, numRuns: 200 };

let standIn: ModelStandIn;
beforeAll(async () => {
  standIn = await startModel({ seed: 'streams' });
});
afterAll(() => standIn.close());

async function record(path: string, body: object): Promise<RecordedEvent[]> {
  const answer = await fetch(`${standIn.url}/v1/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: 'Bearer any' },
  });
  return (await answer.text()).split('\n\n').flatMap((part) => {
    const [, type = '', data = ''] = /^(?:event: (.*)\n)?data: (.*)$/.exec(part) ?? [];
    return data === '' ? [] : [{ type, data }];
  });
}

const essence = ({ usage, complete, failed, id, model, ended }: AnswerReading) => ({
  usage,
  complete,
  failed,
  id,
  model,
  ended,
});

/** The text that passed with some events. */
function passedBytes(events: readonly RecordedEvent[]): number {
  const texts = events.map(({ data }) => {
    const { choices, delta } = data === '[DONE]' ? {} : JSON.parse(data);
    return typeof delta === 'string'
      ? delta
      : (choices ?? []).map((one: { delta: { content?: string } }) => one.delta.content ?? '').join('');
  });
  return Buffer.byteLength(texts.join(''));
}

describe.each(Object.entries(apis))('a stream of %s', (_name, { path, requests, open, shapeOf, error }) => {
  const recorded: RecordedEvent[][] = [];
  beforeAll(async () => {
    for (const request of requests) recorded.push(await record(path, request));
  });
  const kinds = fc.nat({ max: requests.length - 1 });
  const whole = (kind: number): AnswerReading => fedTo(open(), written(recorded[kind] ?? [], plain), []);

  test('is read the same however it is written and cut into chunks', () => {
    fc.assert(
      fc.property(kinds, writing, (kind, how) => {
        const reading = fedTo(open(), written(recorded[kind] ?? [], how), how.cuts);
        expect(essence(reading)).toEqual(essence(whole(kind)));
        expect([reading.complete, reading.ended]).toEqual([true, true]);
      }),
      settings,
    );
  });

  test.each([
    ['cut off', []],
    ['ended by an error', [error]],
  ])('that is %s is estimated from what passed, or read to the full', (_end, end) => {
    fc.assert(
      fc.property(kinds, fc.nat(), writing, (kind, place, how) => {
        const events = recorded[kind] ?? [];
        const kept = events.slice(0, 1 + (place % events.length));
        const reading = fedTo(open(), written([...kept, ...end], how), how.cuts);
        const full = whole(kind).usage;
        if (reading.complete) return void expect(reading.usage).toEqual(full);
        const estimate = estimateUsage(reading, shapeOf(requests[kind]), 0);
        expect(estimate.output).toBeGreaterThanOrEqual(Math.ceil(passedBytes(kept) / 4));
        expect(estimate.input).toBeGreaterThanOrEqual(full.input ?? 0);
        // All that is paid for has passed, and only the totals are missing.
        if (passedBytes(kept) > 0 && passedBytes(kept) === passedBytes(events))
          expect(estimate.output).toBeGreaterThanOrEqual(full.output ?? 0);
      }),
      settings,
    );
  });
});
