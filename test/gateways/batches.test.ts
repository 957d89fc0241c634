import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collectBatches } from '../../shared/gateways/anthropic/batches/collect-batches.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { spentOf } from '../../shared/limits/state/limit-math.ts';
import type { LimitRow, StateRow } from '../../shared/limits/state/limit-rows.ts';
import { fromUsd } from '../../shared/util/money.ts';
import { policy } from '../limits/helpers.ts';
import { type BatchProcess, type BatchWorld, batchOf, openBatchWorld, resultsOf } from './batch-gateway.ts';

const HOUR = 3_600_000;
const policies: Policy[] = [
  policy({ name: 'all', window: 'none', maxUsd: 0.02 }),
  policy({ name: 'seen', type: 'allow' }),
];

let world: BatchWorld;
let one: BatchProcess;
beforeEach(async () => {
  world = await openBatchWorld(policies);
  one = await world.start();
});
afterEach(() => world.close());

const stateOf = (name: string): StateRow => {
  const rows = world.tables
    .rows<LimitRow>('limits')
    .filter((row): row is StateRow & { etag: string } => 'level' in row);
  const found = rows.find(({ limitId, rowKey }) => rowKey === 'state' && String(limitId).startsWith(name));
  if (!found) throw new Error(`There is no limit ${name}.`);
  return found;
};
const all = () => stateOf('all');
const failureOf = (call: Promise<unknown>): Promise<unknown> => call.then(() => 'no failure').catch((error) => error);
const openRows = () => world.tables.rows('messagebatches').filter(({ partitionKey }) => partitionKey === 'open');

/** What the provider bills for, by the stand-in's own count: tokens in and out. */
const billed = () =>
  world.model
    .calls()
    .filter(({ outcome }) => outcome === 'answered')
    .map(({ responseId, usage }) => [responseId, usage?.['input_tokens'], usage?.['output_tokens']]);
const metered = () =>
  world.published
    .filter(({ event }) => event.units['text'] && event.estimatedCost)
    .map(({ event }) => [event.providerResponseId, event.units['text']?.input, event.units['text']?.output]);
const sumOf = () => world.published.reduce((sum, { event }) => sum + BigInt(event.estimatedCost ?? 0), 0n);

describe('a batch', () => {
  test('is held as a whole, metered once when its results are fetched, and settled', async () => {
    const client = one.sdk({ 'x-use-case-name': 'my-batch', 'x-use-case-step': 'nightly' });
    const batch = await client.messages.batches.create({ requests: batchOf(3) });
    expect(batch).toMatchObject({ processing_status: 'in_progress', results_url: null });
    const held = all().heldNano;
    expect(held).toBeGreaterThan(0n);
    expect(await failureOf(resultsOf(client, batch.id))).toBeInstanceOf(Anthropic.AnthropicError);
    expect(world.published).toEqual([]);
    world.clock.move(HOUR);
    const ended = await client.messages.batches.retrieve(batch.id);
    expect(ended.results_url).toBe(`${one.url}/anthropic/v1/messages/batches/${batch.id}/results`);
    const lines = await resultsOf(client, batch.id);
    expect(lines.map(({ custom_id }) => custom_id)).toEqual(['r-0', 'r-1', 'r-2']);
    expect(metered()).toEqual(billed());
    for (const { event, isRepeated } of world.published) {
      expect(isRepeated).toBe(false);
      expect(event).toMatchObject({
        useCase: { name: 'my-batch', step: 'nightly' },
        userId: 'front-end',
        keyName: 'front-end',
        outcome: 'succeeded',
        unitsEstimated: false,
        limitIds: ['all:always', expect.stringMatching(/^seen:/)],
      });
    }
    expect(all()).toMatchObject({ heldNano: 0n, settledNano: sumOf(), abandonedNano: 0n });
    expect(stateOf('seen')).toMatchObject({ settledNano: sumOf() });
    expect(sumOf()).toBeLessThanOrEqual(held);
    expect(await resultsOf(client, batch.id)).toEqual(lines);
    await collectBatches(one.batches);
    expect(world.published).toHaveLength(3);
    expect(openRows()).toEqual([]);
  });

  test('has half the price', async () => {
    await one.sdk().messages.batches.create({ requests: batchOf(1) });
    world.clock.move(HOUR);
    await collectBatches(one.batches);
    const [{ event } = { event: undefined }] = world.published;
    const { input = 0, output = 0 } = event?.units['text'] ?? {};
    // 0.10 and 0.50 USD a million tokens, halved.
    expect(event?.estimatedCost).toBe(Math.ceil(input * 50 + output * 250));
  });

  test('that nobody fetches is metered by the timer, in another process too', async () => {
    await one.sdk().messages.batches.create({ requests: batchOf(2) });
    await collectBatches(one.batches);
    expect(world.published).toEqual([]);
    const two = await world.start();
    world.clock.move(HOUR);
    await Promise.all([collectBatches(one.batches), collectBatches(two.batches)]);
    expect(metered()).toEqual(billed());
    expect(world.published).toHaveLength(2);
    expect(all()).toMatchObject({ heldNano: 0n, settledNano: sumOf() });
  });

  test('is refused as a whole without room, and then nothing is sent or held', async () => {
    const answer = failureOf(one.sdk().messages.batches.create({ requests: batchOf(200, { max_tokens: 10_000 }) }));
    expect(await answer).toMatchObject({ status: 402, errorCode: 'limit_reached' });
    expect([world.model.calls(), openRows(), world.tables.rows('limitholders')]).toEqual([[], [], []]);
    expect(all()).toMatchObject({ heldNano: 0n, settledNano: 0n });
  });

  test('that is cancelled costs what ran', async () => {
    const { batches } = one.sdk().messages;
    const batch = await batches.create({ requests: batchOf(4) });
    world.clock.move(HOUR / 2);
    await batches.cancel(batch.id);
    await collectBatches(one.batches);
    expect(metered()).toEqual(billed());
    expect(world.published).toHaveLength(2);
    expect(all()).toMatchObject({ heldNano: 0n, settledNano: sumOf() });
  });

  test('whose requests fail or expire has events of the failed ones, without cost', async () => {
    world.model.script({ error: { status: 529 } }, { batchResult: 'expired' });
    await one.sdk().messages.batches.create({ requests: batchOf(3) });
    world.clock.move(HOUR);
    await collectBatches(one.batches);
    expect(
      world.published.map(({ event }) => [event.outcome, event.httpStatusCode, event.estimatedCost === 0]),
    ).toEqual([
      ['failed', 529, true],
      ['succeeded', 200, false],
    ]);
    expect(all()).toMatchObject({ heldNano: 0n, settledNano: sumOf() });
  });

  test('with results that never come counts them at most, after several looks', async () => {
    world.model.script({}, { batchResult: 'missing' });
    await one.sdk().messages.batches.create({ requests: batchOf(2) });
    world.clock.move(HOUR);
    for (let look = 1; look <= 5; look++) {
      expect(openRows()).toHaveLength(1);
      await collectBatches(one.batches);
    }
    expect(openRows()).toEqual([]);
    const missing = world.published.find(({ event }) => event.unitsEstimated)?.event;
    expect(missing?.units['text']?.output).toBe(50);
    expect(missing?.estimatedCost).toBeGreaterThan(50 * 250);
    const ids = new Set(world.published.map(({ event }) => event.eventId));
    expect(ids.size).toBe(2);
    expect(world.published.slice(1).every(({ isRepeated }) => isRepeated)).toBe(true);
  });

  test('of a failing publisher is metered by the next run, with the same events', async () => {
    await one.sdk().messages.batches.create({ requests: batchOf(3) });
    world.clock.move(HOUR);
    let published = 0;
    one.record.behaviour.publish = async () => {
      published += 1;
      if (published === 2) throw new Error('Service Bus and the outbox are down.');
    };
    await collectBatches(one.batches);
    expect(all().heldNano).toBeGreaterThan(0n);
    one.record.behaviour.publish = async () => undefined;
    await collectBatches(one.batches);
    const ids = world.published.map(({ event }) => event.eventId);
    expect(new Set(ids).size).toBe(3);
    expect(all()).toMatchObject({ heldNano: 0n });
    expect(spentOf(all())).toBe(
      [...new Map(world.published.map(({ event }) => [event.eventId, event])).values()].reduce(
        (sum, event) => sum + BigInt(event.estimatedCost ?? 0),
        0n,
      ),
    );
  });
});

describe('batches of others', () => {
  test('are not found, listed, cancelled or deleted', async () => {
    const [sam, kim] = ['sam', 'kim'].map((user) => one.sdk({ 'x-user-id': user }));
    if (!sam || !kim) throw new Error('There are two.');
    const batch = await sam.messages.batches.create({ requests: batchOf(1) });
    world.clock.move(HOUR);
    const { batches } = kim.messages;
    const { id } = batch;
    for (const call of [() => batches.retrieve(id), () => batches.cancel(id), () => batches.delete(id)])
      expect(await failureOf(call())).toBeInstanceOf(Anthropic.NotFoundError);
    expect((await batches.list()).data).toEqual([]);
    const account = one.sdk({ 'x-user-id': 'sam', 'x-account-name': 'other' });
    expect(await failureOf(account.messages.batches.retrieve(batch.id))).toBeInstanceOf(Anthropic.NotFoundError);
    expect((await sam.messages.batches.list()).data.map(({ id }) => id)).toEqual([batch.id]);
  });

  test('are forgotten after the retention, open ones never', async () => {
    const { batches } = one.sdk().messages;
    await batches.create({ requests: batchOf(1) });
    world.clock.move(HOUR);
    await collectBatches(one.batches);
    const open = await batches.create({ requests: batchOf(1) });
    world.clock.move(1_000);
    expect(await one.batches.store.prune(world.clock.now() - 10_000)).toBe(1);
    expect((await batches.list()).data.map(({ id }) => id)).toEqual([open.id]);
    expect(await one.batches.store.prune(world.clock.now())).toBe(0);
  });

  test('own ones are listed page by page, the newest first, and deleted after they were metered', async () => {
    const { batches } = one.sdk().messages;
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      ids.unshift((await batches.create({ requests: batchOf(1) })).id);
      world.clock.move(1_000);
    }
    const listed: string[] = [];
    for await (const { id } of batches.list({ limit: 2 })) listed.push(id);
    expect(listed).toEqual(ids);
    expect(await failureOf(batches.delete(ids[0] ?? ''))).toMatchObject({ status: 400 });
    world.clock.move(HOUR);
    expect(await batches.delete(ids[0] ?? '')).toMatchObject({ type: 'message_batch_deleted' });
    expect(world.published).toHaveLength(1);
    expect((await batches.list()).data.map(({ id }) => id)).toEqual(ids.slice(1));
  });
});

describe('a batch that is not made', () => {
  test.each<[string, unknown, RegExp]>([
    ['no list', {}, /requests must be a list/],
    ['an empty list', { requests: [] }, /requests must be a list/],
    ['no id', { requests: [{ params: {} }] }, /requests.0.custom_id must be/],
    ['an id twice', { requests: [...batchOf(1), ...batchOf(1)] }, /requests.1.custom_id must not appear twice/],
    ['no parameters', { requests: [{ custom_id: 'a' }] }, /requests.0.params must be/],
    ['a thread', { requests: [{ custom_id: 'a', params: { thread: {} } }] }, /Threads kept by the server/],
  ])('%s is 400, and nothing is sent', async (_name, body, text) => {
    const answer = await failureOf(one.sdk().messages.batches.create(body as never));
    expect(answer).toMatchObject({ status: 400, apiMessage: expect.stringMatching(text) });
    expect(openRows()).toEqual([]);
  });

  test('what the provider refuses holds nothing', async () => {
    const requests = [{ ...batchOf(1)[0], custom_id: 'not an id' }] as never;
    expect(await failureOf(one.sdk().messages.batches.create({ requests }))).toMatchObject({ status: 400 });
    expect([openRows(), all().heldNano]).toEqual([[], 0n]);
    const refused = await world.start({ ANTHROPIC_API_KEY: 'wrong' });
    expect(await failureOf(refused.sdk().messages.batches.create({ requests: batchOf(1) }))).toMatchObject({
      status: 502,
    });
    const closed = await silentProvider();
    await new Promise((resolve) => closed.server.close(resolve));
    const away = await world.start({ ANTHROPIC_BASE_URL: closed.url });
    expect(await failureOf(away.sdk().messages.batches.create({ requests: batchOf(1) }))).toMatchObject({
      status: 502,
    });
    expect([openRows(), all().heldNano]).toEqual([[], 0n]);
  });

  test('a platform without batches: 404, and nothing is held', async () => {
    const foundry = await world.start({ ANTHROPIC_PLATFORM: 'foundry' });
    expect(await failureOf(foundry.sdk().messages.batches.create({ requests: batchOf(1) }))).toMatchObject({
      status: 404,
      errorCode: 'not_supported',
    });
    expect(openRows()).toEqual([]);
  });

  test('an answer that is lost leaves it held, then abandoned', async () => {
    const { server, url } = await silentProvider();
    const silent = await world.start({ MODEL_DEADLINE_MS: '1000', ANTHROPIC_BASE_URL: url });
    const answer = await failureOf(silent.sdk().messages.batches.create({ requests: batchOf(1) }));
    expect(answer).toMatchObject({ status: 504, errorCode: 'batch_not_confirmed' });
    expect((answer as { headers: Headers }).headers.get('x-should-retry')).toBe('false');
    server.close();
    server.closeAllConnections();
    const held = all().heldNano;
    expect(held).toBeGreaterThan(0n);
    await collectBatches(one.batches);
    expect(openRows()).toHaveLength(1);
    world.clock.move(HOUR);
    await collectBatches(one.batches);
    await one.limits.expire();
    expect(openRows()).toEqual([]);
    expect(world.published.map(({ event }) => [event.outcome, event.estimatedCost])).toEqual([
      ['abandoned', Number(held)],
    ]);
    expect(all()).toMatchObject({ heldNano: 0n, settledNano: held, abandonedNano: held });
  });

  test.each(['<html>', '{}', '{"id":""}'])(
    'an answer that names no batch (%s) is not repeated, and stays held',
    async (text) => {
      const server = createServer((request, response) => {
        request.resume().on('end', () => response.end(text));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const odd = await world.start({ ANTHROPIC_BASE_URL: url });
      const answer = await failureOf(odd.sdk().messages.batches.create({ requests: batchOf(1) }));
      expect(answer).toMatchObject({ status: 502, errorCode: 'batch_not_confirmed' });
      expect((answer as { headers: Headers }).headers.get('x-should-retry')).toBe('false');
      expect([openRows().length, all().heldNano > 0n]).toEqual([1, true]);
      server.close();
      server.closeAllConnections();
    },
  );

  test('one that cannot be written down is not repeated either', async () => {
    world.tables.fate = (table, operation) =>
      table === 'messagebatches' && operation === 'merge' ? 'busy' : 'answered';
    const answer = await failureOf(one.sdk().messages.batches.create({ requests: batchOf(1) }));
    expect(answer).toMatchObject({ status: 502, errorCode: 'batch_not_confirmed' });
    world.tables.fate = () => 'answered';
    expect([openRows().length, all().heldNano > 0n]).toEqual([1, true]);
  });

  test('one that the provider has deleted by itself is abandoned', async () => {
    const batch = await one.sdk().messages.batches.create({ requests: batchOf(1) });
    world.clock.move(HOUR);
    const direct = new Anthropic({ apiKey: 'provider-secret', baseURL: world.model.url });
    await direct.messages.batches.delete(batch.id);
    await collectBatches(one.batches);
    await one.limits.expire();
    expect(all().abandonedNano).toBeGreaterThan(0n);
    expect(fromUsd(0.02) - spentOf(all())).toBeGreaterThan(0n);
  });
});

/** Takes every request and answers none. */
async function silentProvider() {
  const server = createServer((request) => request.resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
