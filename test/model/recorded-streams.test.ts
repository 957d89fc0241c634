import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { readMessagesShape } from '../../shared/model/request/request-shape.ts';
import { type AnswerReading, otherReadings } from '../../shared/model/usage/answer-reading.ts';
import { MessageStreamReading } from '../../shared/model/usage/stream-reading.ts';
import { estimateUsage } from '../../shared/tracking/estimate-usage.ts';
import { fedTo, plain, type RecordedEvent, writing, written } from './stream-writing.ts';

const request = {
  model: 'claude-haiku-5-5',
  max_tokens: 600,
  stream: true,
  messages: [{ role: 'user', content: 'Find trails near Moab' }],
};
const searching = { ...request, tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] };

let standIn: ModelStandIn;
let recorded: RecordedEvent[][];

async function record(body: object): Promise<RecordedEvent[]> {
  const answer = await fetch(`${standIn.url}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'x-api-key': 'any', 'anthropic-version': '2026-10-21' },
  });
  const text = await answer.text();
  return text.split('\n\n').flatMap((part) => {
    const [, type = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? [];
    return type === '' ? [] : [{ type, data }];
  });
}

beforeAll(async () => {
  standIn = await startModel({ seed: 'streams' });
  recorded = [await record(request), await record(searching)];
});
afterAll(() => standIn.close());

const read = (bytes: Buffer, cuts: readonly number[]): AnswerReading => fedTo(new MessageStreamReading(), bytes, cuts);
const whole = (kind: number): AnswerReading => read(written(recorded[kind] ?? [], plain), []);
const essence = ({ usage, complete, failed, id, model }: AnswerReading) => ({ usage, complete, failed, id, model });
const settings = { seed: 20_261_123, numRuns: 200 };

test('however a stream is written and cut into chunks, its usage is the same', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1 }), writing, (kind, how) => {
      const reading = read(written(recorded[kind] ?? [], how), how.cuts);
      expect(essence(reading)).toEqual(essence(whole(kind)));
      expect(reading.complete).toBe(true);
    }),
    settings,
  );
});

test('messages that are joined count each for itself', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1 }), { minLength: 2, maxLength: 4 }), writing, (kinds, how) => {
      const events = kinds.flatMap((kind) => recorded[kind] ?? []);
      const reading = read(written(events, how), how.cuts);
      const usages = [...otherReadings(reading), reading].map(({ usage }) => usage);
      expect(usages).toEqual(kinds.map((kind) => whole(kind).usage));
    }),
    settings,
  );
});

/** The text that passed before an event, in tokens by the stand-in's own rule. */
function passedTokens(events: readonly RecordedEvent[]): number {
  const texts = events.map(({ data }) => (JSON.parse(data) as { delta?: { text?: string } }).delta?.text ?? '');
  return Math.ceil(Buffer.byteLength(texts.join('')) / 3);
}

test.each([
  ['cut off', []],
  ['ended by an error', [{ type: 'error', data: '{"type":"error","error":{"type":"api_error","message":"m"}}' }]],
])('a stream that is %s is estimated from what passed, or read to the full', (_name, end) => {
  fc.assert(
    fc.property(fc.nat({ max: 1 }), fc.nat(), writing, (kind, place, how) => {
      const events = recorded[kind] ?? [];
      const kept = events.slice(0, 1 + (place % events.length));
      const reading = read(written([...kept, ...end], how), how.cuts);
      const full = whole(kind).usage;
      if (reading.complete) return void expect(reading.usage).toEqual(full);
      const estimate = estimateUsage(reading, readMessagesShape(kind === 0 ? request : searching), 0);
      expect(estimate.output).toBeGreaterThanOrEqual(passedTokens(kept));
      const start = read(written(events.slice(0, 1), plain), []).usage;
      expect(estimate.input).toBeGreaterThanOrEqual(start.input ?? 0);
      // All that is paid for has passed, and only the totals are missing.
      if (!kept.some(({ type }) => type === 'message_delta') && kept.length >= events.length - 2) {
        expect(estimate.output).toBeGreaterThanOrEqual(full.output ?? 0);
        expect(estimate.input).toBeGreaterThanOrEqual(full.input ?? 0);
        expect(estimate.webSearches ?? 0).toBeGreaterThanOrEqual(full.webSearches ?? 0);
      }
    }),
    settings,
  );
});
