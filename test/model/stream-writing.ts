import fc from 'fast-check';
import type { AnswerReading } from '../../shared/model/usage/answer-reading.ts';
import type { StreamReading } from '../../shared/model/usage/stream-reading.ts';

/** An event of a recorded stream; without a name where `type` is empty. */
export interface RecordedEvent {
  type: string;
  data: string;
}

/** How a stream is written: nothing of it changes what the events say. */
export const writing = fc.record({
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  named: fc.boolean(),
  space: fc.constantFrom('', ' '),
  mark: fc.boolean(),
  noise: fc.array(fc.tuple(fc.nat(), fc.constantFrom('comment', 'ping', 'unknown', 'no data')), { maxLength: 8 }),
  cuts: fc.array(fc.nat(), { maxLength: 40 }),
});
export type Writing = typeof writing extends fc.Arbitrary<infer T> ? T : never;

const noises = {
  comment: (end: string) => `: still here${end}${end}`,
  ping: (end: string) => `event: ping${end}data: {"type":"ping"}${end}${end}`,
  unknown: (end: string) => `event: thought_of_2027${end}id: 7${end}data: {"usage":{"output_tokens":9}}${end}${end}`,
  'no data': (end: string) => `event: message_delta${end}${end}`,
};

/** The bytes of a stream with these events. */
export function written(events: readonly RecordedEvent[], { lineEnd, named, space, mark, noise }: Writing): Buffer {
  const parts = events.map(({ type, data }) => {
    const name = named && type !== '' ? `event:${space}${type}${lineEnd}` : '';
    return `${name}data:${space}${data}${lineEnd}${lineEnd}`;
  });
  for (const [place, kind] of noise) parts.splice(place % (parts.length + 1), 0, noises[kind](lineEnd));
  return Buffer.from((mark ? '\ufeff' : '') + parts.join(''));
}

export const plain: Writing = { lineEnd: '\n', named: true, space: ' ', mark: false, noise: [], cuts: [] };

/** What is read of a stream that comes in chunks, cut at these places. */
export function fedTo(stream: StreamReading, bytes: Buffer, cuts: readonly number[]): AnswerReading {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (const [index, end] of at.slice(1).entries()) stream.feed(bytes.subarray(at[index], end));
  return stream.reading;
}
