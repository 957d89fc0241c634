import { afterEach, describe, expect, test } from 'vitest';
import { countedBound, readBatchCounts } from '../../shared/gateways/anthropic/batches/batch-counts.ts';
import { readBatch } from '../../shared/gateways/anthropic/batches/batch-requests.ts';
import { policy } from '../limits/helpers.ts';
import { type BatchWorld, batchOf, openBatchWorld } from './batch-gateway.ts';

const atMs = Date.parse('2026-11-28T12:00:00Z');
const long = (bytes: number) => ({ messages: [{ role: 'user' as const, content: 'trail '.repeat(bytes / 6) }] });
const bytesOf = (requests: unknown) => Buffer.from(JSON.stringify({ requests }));

let world: BatchWorld | undefined;
afterEach(() => world?.close());

async function create(maxUsd: number, requests: ReturnType<typeof batchOf>) {
  world = await openBatchWorld([policy({ name: 'all', window: 'none', maxUsd })]);
  const { batches } = (await world.start()).sdk().messages;
  const answer = await batches.create({ requests }).catch((error: unknown) => error);
  const counts = world.model.calls().filter(({ path }) => path === '/v1/messages/count_tokens').length;
  return { answer, counts };
}

describe('a batch of three long requests', () => {
  const requests = batchOf(3, long(12_000));

  test('is not counted where its bytes fit', async () => {
    expect(await create(0.01, requests)).toMatchObject({ answer: { type: 'message_batch' }, counts: 0 });
  });

  test('is counted before it is refused, and passes where that fits', async () => {
    expect(await create(0.0015, requests)).toMatchObject({ answer: { type: 'message_batch' }, counts: 3 });
  });

  test('is refused where that does not fit either', async () => {
    const { answer, counts } = await create(0.0004, requests);
    expect(answer).toMatchObject({ status: 402, errorCode: 'limit_reached' });
    expect(counts).toBe(3);
  });
});

describe('what is counted', () => {
  test('is the hundred longest requests; the others keep the bound of their bytes', async () => {
    const requests = [
      ...batchOf(150),
      ...batchOf(100, long(3_000)).map((one, at) => ({ ...one, custom_id: `long-${at}` })),
    ];
    const counts = readBatchCounts(bytesOf(requests), null, atMs);
    expect(counts.counted).toHaveLength(100);
    expect(counts.counted.every(({ body }) => body.length > 3_000 && !body.includes('max_tokens'))).toBe(true);
    const byBytes = readBatch(bytesOf(requests), null, atMs).bound;
    const short = readBatch(bytesOf(batchOf(150)), null, atMs).bound;
    expect(counts.rest).toEqual(short);
    expect((await countedBound(counts, atMs, async () => undefined)).nanoUsd).toBe(byBytes.nanoUsd);
    const bound = await countedBound(counts, atMs, async () => 1_000);
    expect(bound.nanoUsd).toBeLessThan(byBytes.nanoUsd);
    expect(bound.requests).toBe(250n);
    // A count that is above the bytes makes nothing dearer.
    expect((await countedBound(counts, atMs, async () => 1_000_000)).nanoUsd).toBe(byBytes.nanoUsd);
  });

  test('is nothing where answers make up the bound', () => {
    const { counted, rest } = readBatchCounts(bytesOf(batchOf(9, { max_tokens: 9_000 })), null, atMs);
    expect(counted).toEqual([]);
    expect(rest).toEqual(readBatch(bytesOf(batchOf(9, { max_tokens: 9_000 })), null, atMs).bound);
  });

  test('has no request whose prompt a count does not see, and is no longer than four million bytes', () => {
    const search = { tools: [{ type: 'web_search_20250305', name: 'web_search' }] as never };
    expect(readBatchCounts(bytesOf(batchOf(2, search)), null, atMs).counted).toEqual([]);
    const { counted } = readBatchCounts(bytesOf(batchOf(5, long(900_000))), null, atMs);
    expect(counted).toHaveLength(4);
  });
});
