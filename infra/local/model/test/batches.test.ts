import Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { failure, standIn, user } from './client.ts';

let now = Date.parse('2026-11-28T12:00:00Z');
const HOUR = 3_600_000;
const both = standIn({ now: () => now, batchMs: HOUR });

const requests = (count: number, model = 'claude-haiku-5-5') =>
  Array.from({ length: count }, (_, place) => ({
    custom_id: `r-${place}`,
    params: { model, max_tokens: 50, messages: user(`Say ${place}`) },
  }));

const resultsOf = async (id: string) => {
  const lines: Anthropic.Messages.MessageBatchIndividualResponse[] = [];
  for await (const line of await both.client.messages.batches.results(id)) lines.push(line);
  return lines;
};

test('a batch runs, ends and has its results at batch prices', async () => {
  const { batches } = both.client.messages;
  const batch = await batches.create({ requests: requests(3) });
  expect(batch).toMatchObject({
    processing_status: 'in_progress',
    request_counts: { processing: 3 },
    results_url: null,
  });
  expect(await failure(batches.delete(batch.id))).toMatchObject({ status: 400 });
  now += HOUR;
  expect(await batches.retrieve(batch.id)).toMatchObject({
    processing_status: 'ended',
    request_counts: { processing: 0, succeeded: 3 },
    results_url: `${both.model.url}/v1/messages/batches/${batch.id}/results`,
  });
  const lines = await resultsOf(batch.id);
  expect(lines.map(({ custom_id }) => custom_id)).toEqual(['r-0', 'r-1', 'r-2']);
  for (const { result } of lines)
    expect(result).toMatchObject({ type: 'succeeded', message: { usage: { service_tier: 'batch' } } });
  expect(await resultsOf(batch.id)).toEqual(lines);
  expect(both.model.calls()).toHaveLength(3);
  expect((await batches.list()).data.map(({ id }) => id)).toEqual([batch.id]);
  await batches.delete(batch.id);
  expect(await failure(batches.retrieve(batch.id))).toBeInstanceOf(Anthropic.NotFoundError);
});

test('what is cancelled half way did half', async () => {
  const batch = await both.client.messages.batches.create({ requests: requests(4) });
  now += HOUR / 2;
  await both.client.messages.batches.cancel(batch.id);
  const types = (await resultsOf(batch.id)).map(({ result }) => result.type);
  expect(types).toEqual(['succeeded', 'succeeded', 'canceled', 'canceled']);
});

test('requests that fail, expire or are lost', async () => {
  both.model.script({ error: { status: 529 } }, { batchResult: 'expired' }, { batchResult: 'missing' });
  const batch = await both.client.messages.batches.create({
    requests: [...requests(3), { ...requests(1, 'claude-nothing')[0], custom_id: 'unknown' } as never],
  });
  now += HOUR;
  const lines = await resultsOf(batch.id);
  expect(lines.map(({ custom_id, result }) => [custom_id, result.type])).toEqual([
    ['r-0', 'errored'],
    ['r-1', 'expired'],
    ['unknown', 'errored'],
  ]);
});

test('what is not a batch is refused', async () => {
  const { batches } = both.client.messages;
  expect(await failure(batches.create({ requests: [] }))).toMatchObject({ status: 400 });
  const twice = [...requests(1), ...requests(1)];
  expect(await failure(batches.create({ requests: twice }))).toMatchObject({ status: 400 });
});
