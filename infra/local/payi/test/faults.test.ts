import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createPayiClient } from '../../../../shared/payi/client.ts';
import type { FaultRule } from '../src/http/fault.ts';
import { item, refusal, start } from './start.ts';

/** A server that answers everything the same way. */
async function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const server = createServer((_, response) => response.writeHead(status, headers).end(JSON.stringify(body)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('what the client makes of faults', () => {
  test.each<[string, FaultRule, object, number]>([
    ['429 with Retry-After', { status: 429, retryAfter: 7 }, { kind: 'unavailable', retryAfterMs: 7000 }, 0],
    ['503', { status: 503 }, { kind: 'unavailable', payiStatus: 503 }, 0],
    ['500', { status: 500 }, { kind: 'uncertain', payiCode: 'unexpected_error' }, 0],
    ['500 after the work', { status: 500, afterAccept: true }, { kind: 'uncertain' }, 1],
    ['504 in HTML', { status: 504, answer: 'html' }, { kind: 'uncertain', payiCode: undefined }, 0],
    ['502, empty', { status: 502, answer: 'empty' }, { kind: 'uncertain' }, 0],
    ['401', { status: 401, code: 'invalid_api_key' }, { kind: 'rejected', payiCode: 'invalid_api_key' }, 0],
    ['400, empty', { status: 400, answer: 'empty' }, { kind: 'rejected' }, 0],
    ['400 as ProblemDetails', { status: 400, answer: 'problem' }, { kind: 'rejected' }, 0],
    ['cut before the work', { dropBefore: true }, { kind: 'uncertain', payiStatus: undefined }, 0],
    ['cut after the work', { dropAfterAccept: true }, { kind: 'uncertain', payiStatus: undefined }, 1],
    ['half an answer', { badJson: true }, { kind: 'uncertain', payiStatus: 200 }, 1],
    ['a late answer', { delayMs: 60_000 }, { kind: 'uncertain' }, 0],
    ['a slow body', { slowBody: 60_000 }, { kind: 'uncertain' }, 1],
  ])('%s', async (_, rule, expected, accepted) => {
    const { payi, standin } = await start();
    standin.faults.add({ ...rule, times: 1, path: '/ingest/*' });
    const isLate = rule.delayMs !== undefined || rule.slowBody !== undefined;
    const client = isLate ? createPayiClient({ baseUrl: standin.url, apiKey: 'key', timeoutMs: 1_000 }) : payi;
    expect(await refusal(client.ingest.bulk([item('m1')]))).toMatchObject(expected);
    expect(standin.inspect.summary().accepted).toBe(accepted);
    standin.faults.clear();
    await expect(payi.ingest.bulkUpsert([item('m1')])).resolves.toMatchObject({ ingest_count: 1 });
  });

  test('a read is never in doubt', async () => {
    const { payi, standin } = await start();
    standin.faults.add({ status: 500 });
    expect(await refusal(payi.requests.byProvider('a', 'b'))).toMatchObject({ kind: 'unavailable', payiStatus: 500 });
  });

  test('nobody listens', async () => {
    const { payi, standin } = await start();
    await standin.close();
    expect(await refusal(payi.ingest.bulk([item('m1')]))).toMatchObject({ kind: 'unavailable', status: 503 });
  });

  test('a redirect is not followed: it would take the key along', async () => {
    const elsewhere = await start();
    const server = await answering(302, {}, { location: `${elsewhere.standin.url}/api/v1/limits` });
    try {
      const payi = createPayiClient({ baseUrl: server.url, apiKey: 'k', timeoutMs: 60_000 });
      expect(await refusal(payi.limits.get('x'))).toMatchObject({ kind: 'rejected', payiStatus: 302 });
      expect(elsewhere.standin.inspect.summary().requests).toEqual({});
    } finally {
      await server.close();
    }
  });

  test.each([
    ['errors without items', 200, { ingest_count: 1, error_count: 1, errors: [{ xproxy_result: {} }] }, 'uncertain'],
    [
      'an item that was not sent',
      200,
      { ingest_count: 0, errors: [{ item_index: 7, xproxy_result: {} }] },
      'uncertain',
    ],
    ['errors that are not listed', 200, { ingest_count: 0, item_error_count: 1 }, 'uncertain'],
    ['another shape', 200, { hello: 1 }, 'uncertain'],
    ['a 400 for all', 400, { ingest_count: 0, errors: [{ xproxy_result: { message: 'no' } }] }, 'rejected'],
  ])('a bulk answer with %s', async (_, status, body, kind) => {
    const server = await answering(status, body);
    try {
      const payi = createPayiClient({ baseUrl: server.url, apiKey: 'k', timeoutMs: 60_000 });
      expect(await refusal(payi.ingest.bulk([item('m1')]))).toMatchObject({ kind });
    } finally {
      await server.close();
    }
  });
});

describe('fault rules', () => {
  test('partial errors by share, place and id', async () => {
    const { payi, standin } = await start();
    const items = Array.from({ length: 8 }, (_, index) => item(`m${index}`));
    const failed = async (partialErrors: FaultRule['partialErrors']) => {
      standin.faults.clear();
      if (partialErrors) standin.faults.add({ partialErrors, path: '/ingest/bulk*' });
      return (await payi.ingest.bulkUpsert(items)).errors?.map((error) => error.item_index) ?? [];
    };
    expect(await failed({ share: 0.25 })).toEqual([3, 7]);
    expect(await failed({ indices: [0, 5] })).toEqual([0, 5]);
    expect(await failed({ responseIds: ['m6'] })).toEqual([6]);
    expect(await failed({ share: 1 })).toHaveLength(8);
    expect(await failed(undefined)).toEqual([]);
  });

  test('skip, times, share and time by the wire', async () => {
    let now = 0;
    const { raw } = await start({ clock: { now: () => now, sleep: async () => {} } });
    const statuses = async (count: number) => {
      const seen: number[] = [];
      for (let at = 0; at < count; at += 1) seen.push((await raw('GET', '/api/v1/limits')).status);
      return seen;
    };
    const set = (rule: FaultRule) => raw('POST', '/_standin/faults', [rule]);
    await set({ path: '/limits', status: 429, skip: 1, times: 2 });
    expect(await statuses(4)).toEqual([200, 429, 429, 200]);
    await set({ status: 503, share: 0.5, forMs: 1000 });
    expect(await statuses(4)).toEqual([200, 503, 200, 503]);
    now = 1000;
    expect(await statuses(2)).toEqual([200, 200]);
    expect((await raw('POST', '/_standin/faults', { nonsense: 1 })).status).toBe(400);
  });
});
