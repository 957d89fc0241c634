import { expect, test } from 'vitest';
import { randomFrom } from '../../infra/local/model/src/random.ts';
import { amqpFamilies } from './amqp-attack.ts';
import { firstBody } from './http-attack.ts';
import { hostileRequest } from './http-requests.ts';
import { fuzz } from './run.ts';

test('a few seconds of hostile bytes on every port: nothing ends, hangs or runs away, and an ordinary client notices nothing', async () => {
  const result = await fuzz({
    seed: 'test',
    requests: 600,
    ms: 5_000,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  expect(result.complaints).toEqual([]);
  expect(result).toMatchObject({ crashes: 0, hangs: 0, serverErrors: 0, modelCalls: 0 });
  expect(result.wellFormedModelCalls).toBeGreaterThan(0);
  expect(result.witness.received).toBeGreaterThan(0);
  expect(result.connections).toBeGreaterThan(20);
  expect(result.requests).toBeGreaterThan(20);
  expect(result.photos).toBeGreaterThan(0);
});

test('the same seed gives the same attacks', () => {
  const target = { name: 'app' as const, url: 'http://127.0.0.1', headers: {}, paths: ['/api/judge'] };
  const attacks = (seed: string) => [
    ...Object.values(amqpFamilies).flatMap((family) => family(randomFrom(seed)).map((bytes) => bytes.toString('hex'))),
    hostileRequest(randomFrom(seed), target),
  ];
  expect(attacks('a')).toEqual(attacks('a'));
  expect(attacks('a')).not.toEqual(attacks('b'));
});

test.each([
  ['an empty body before another answer', 'content-length: 0\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n', ''],
  ['a body before another answer', 'content-length: 2\r\n\r\nnoHTTP/1.1 400 Bad Request\r\n\r\n', 'no'],
  ['chunks', 'transfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n', '2\r\nno'],
  ['a body until the end', '\r\nno\r\n\r\nno', 'no\r\n\r\nno'],
])('of several answers only the first counts: %s', (_name, answer, body) => {
  expect(firstBody(`HTTP/1.1 500 Internal Server Error\r\n${answer}`)).toBe(body);
});
