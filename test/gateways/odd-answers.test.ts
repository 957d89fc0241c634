import Anthropic, { toFile } from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { collectBatches } from '../../shared/gateways/anthropic/batches/collect-batches.ts';
import type { LimitRow, StateRow } from '../../shared/limits/state/limit-rows.ts';
import { policy } from '../limits/helpers.ts';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { type BatchProcess, type BatchWorld, batchOf, openBatchWorld, resultsOf } from './batch-gateway.ts';
import { type OddProvider, startOddProvider } from './odd-provider.ts';
import { type OpenAiGateway, startOpenAiGateway } from './openai-gateway.ts';
import { GATEWAY_KEY, gatewaySettings } from './serve.ts';

const HOUR = 3_600_000;
const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
/** Answers with status 200 that are not what was asked for. */
const odd: [string, { body: string; isCut?: boolean }][] = [
  ['an error', { body: JSON.stringify(overloaded) }],
  ['a page', { body: '<html>' }],
  ['nothing', { body: '' }],
  ['a text', { body: '"file_1"' }],
  ['half an answer', { body: '{"id":"x","data":[', isCut: true }],
];
const failureOf = (call: Promise<unknown>): Promise<unknown> => call.then(() => 'no failure').catch((error) => error);
const badGateway = { status: 502, errorCode: 'upstream_failed' };

describe('files', () => {
  let opened: AnthropicGateway;
  let provider: OddProvider;
  beforeAll(async () => {
    opened = await startAnthropicGateway();
    provider = await startOddProvider(opened.model.url);
  });
  beforeEach(() => {
    opened.reset();
    provider.odd = {};
    opened.settings = gatewaySettings({ ANTHROPIC_BASE_URL: provider.url, ANTHROPIC_FILES: 'true' });
  });
  afterAll(() => Promise.all([opened.close(), provider.close()]));

  const client = () =>
    new Anthropic({ apiKey: GATEWAY_KEY, baseURL: `${opened.url}/anthropic`, maxRetries: 0, logLevel: 'off' });
  const upload = async () => client().beta.files.upload({ file: await toFile(Buffer.from('a'), 'a.txt') });
  const listed = async () => (await client().beta.files.list()).data.map(({ id }) => id);

  test.each([...odd, ['no id', { body: '{"type":"file"}' }] as const])(
    'an upload that is answered with %s is nobody’s',
    async (_name, answer) => {
      provider.odd = { 'POST /v1/files': answer };
      const before = await listed();
      expect(await failureOf(upload())).toMatchObject(badGateway);
      expect(await listed()).toEqual(before);
    },
  );

  test.each(odd)('a deletion that is answered with %s leaves the file its owner’s', async (_name, answer) => {
    const { id } = await upload();
    provider.odd = { 'DELETE /v1/files/.*': answer };
    expect(await failureOf(client().beta.files.delete(id))).toMatchObject(badGateway);
    expect(await listed()).toContain(id);
  });

  test.each(odd)('a list of which one is answered with %s is not a shorter list', async (_name, answer) => {
    const { id } = await upload();
    provider.odd = { [`GET /v1/files/${id}`]: answer };
    expect(await failureOf(listed())).toMatchObject(badGateway);
  });
});

describe('models', () => {
  let anthropic: AnthropicGateway;
  let openai: OpenAiGateway;
  let provider: OddProvider;
  beforeAll(async () => {
    [anthropic, openai] = await Promise.all([startAnthropicGateway(), startOpenAiGateway()]);
    provider = await startOddProvider(anthropic.model.url);
  });
  afterAll(() => Promise.all([anthropic.close(), openai.close(), provider.close()]));

  const get = async (url: string) => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${GATEWAY_KEY}` } });
    await answer.arrayBuffer();
    return answer.status;
  };

  test.each([...odd, ['no list', { body: '{"data":{}}' }] as const])(
    'the list of several providers, one of which answers with %s, is 502',
    async (_name, answer) => {
      openai.reset({ OPENAI_BASE_URL: `${provider.url}/v1` });
      provider.odd = { 'GET /v1/models': answer };
      expect(await get(`${openai.url}/openai/v1/models`)).toBe(502);
    },
  );

  test('the list of a key that lists models is 502 too', async () => {
    anthropic.reset();
    anthropic.settings = gatewaySettings({ ANTHROPIC_BASE_URL: provider.url });
    const grant = { name: 'narrow', models: ['claude-haiku-5-5'], namesUsers: false } as never;
    anthropic.keys = { holderOf: async () => ({ ...(grant as object), role: 'user' }) as never };
    for (const [, answer] of odd) {
      provider.odd = { 'GET /v1/models': answer };
      const got = await fetch(`${anthropic.url}/anthropic/v1/models`, { headers: { 'x-api-key': 'tmk_narrow' } });
      await got.arrayBuffer();
      expect(got.status).toBe(502);
    }
  });

  test('an answer that is passed byte for byte and breaks off is 502', async () => {
    anthropic.reset();
    anthropic.settings = gatewaySettings({ ANTHROPIC_BASE_URL: provider.url });
    provider.odd = { 'GET /v1/models': { body: '{"data":[', isCut: true } };
    expect(await get(`${anthropic.url}/anthropic/v1/models`)).toBe(502);
  });
});

describe('batches', () => {
  let world: BatchWorld;
  let provider: OddProvider;
  let one: BatchProcess;
  beforeEach(async () => {
    world = await openBatchWorld([policy({ name: 'all', window: 'none', maxUsd: 0.02 })]);
    provider = await startOddProvider(world.model.url);
    one = await world.start({ ANTHROPIC_BASE_URL: provider.url });
  });
  afterEach(async () => {
    await world.close();
    await provider.close();
  });

  const state = (): StateRow =>
    world.tables.rows<LimitRow>('limits').find((row): row is StateRow & { etag: string } => 'level' in row) as StateRow;
  const open = () => world.tables.rows('messagebatches').filter(({ partitionKey }) => partitionKey === 'open');
  const batches = () => one.sdk().messages.batches;
  const made = async (count = 2): Promise<string> => {
    const { id } = await batches().create({ requests: batchOf(count) });
    return id;
  };

  test.each(odd)('a new batch that is answered with %s stays held', async (_name, answer) => {
    provider.odd = { 'POST /v1/messages/batches': answer };
    expect(await failureOf(made())).toMatchObject({ status: 502, errorCode: 'batch_not_confirmed' });
    expect([open().length, state().heldNano > 0n]).toEqual([1, true]);
  });

  test.each([...odd, ['an unknown state', { body: '{"id":"x","processing_status":"done"}' }] as const])(
    'one whose state is answered with %s gives no results, and is metered later',
    async (_name, answer) => {
      const id = await made();
      world.clock.move(HOUR);
      provider.odd = { [`GET /v1/messages/batches/${id}`]: answer };
      expect(await failureOf(resultsOf(one.sdk(), id))).toBeInstanceOf(Error);
      await collectBatches(one.batches);
      expect([world.published.length, open().length]).toEqual([0, 1]);
      provider.odd = {};
      expect(await resultsOf(one.sdk(), id)).toHaveLength(2);
      expect([world.published.length, open().length]).toEqual([2, 0]);
    },
  );

  test('one that ends between the look at its state and its results is metered before they pass', async () => {
    const id = await made();
    const running = JSON.stringify({ id, processing_status: 'in_progress' });
    world.clock.move(HOUR);
    let looks = 0;
    provider.odd = {
      get [`GET /v1/messages/batches/${id}`]() {
        looks += 1;
        return { body: looks === 1 ? running : JSON.stringify({ id, processing_status: 'ended' }) };
      },
    };
    const answer = await fetch(`${one.url}/anthropic/v1/messages/batches/${id}/results`, {
      headers: { 'x-api-key': GATEWAY_KEY },
    });
    expect((await answer.text()).trim().split('\n')).toHaveLength(2);
    expect([world.published.length, open().length]).toEqual([2, 0]);
  });

  test.each(odd)('one whose results are %s is estimated at most, after several looks', async (_name, answer) => {
    const id = await made();
    const held = state().heldNano;
    world.clock.move(HOUR);
    provider.odd = { [`GET /v1/messages/batches/${id}/results`]: answer };
    for (let look = 0; look < 8 && open().length > 0; look++) {
      await collectBatches(one.batches);
      world.clock.move(HOUR);
    }
    if (answer.isCut) {
      expect(open()).toHaveLength(1);
      return;
    }
    expect(open()).toEqual([]);
    expect(world.published.map(({ event }) => [event.unitsEstimated, event.units['text']?.output])).toEqual([
      [true, 50],
      [true, 50],
    ]);
    expect(state().settledNano).toBeLessThanOrEqual(held);
  });

  test.each<[string, unknown, string, boolean]>([
    ['no message', undefined, 'unknown', true],
    ['a message without counts', { type: 'message', content: [{ type: 'text', text: 'x'.repeat(300) }] }, 'text', true],
    ['an error for a message', overloaded, 'error', false],
  ])('a result that succeeded with %s', async (_name, message, kind, isCharged) => {
    const id = await made(1);
    world.clock.move(HOUR);
    const line = JSON.stringify({ custom_id: 'r-0', result: { type: 'succeeded', message } });
    provider.odd = { [`GET /v1/messages/batches/${id}/results`]: { body: `${line}\n` } };
    for (let look = 0; look < 8 && open().length > 0; look++) {
      await collectBatches(one.batches);
      world.clock.move(HOUR);
    }
    const [event] = world.published.map((one) => one.event);
    expect(event).toMatchObject(
      isCharged ? { unitsEstimated: true } : { outcome: 'failed', httpStatusCode: 529, estimatedCost: 0 },
    );
    if (kind === 'unknown') expect(event?.units['text']?.output).toBe(50);
    if (kind === 'text') expect(event?.units['text']?.output).toBeGreaterThanOrEqual(100);
  });

  test.each(odd)('a deletion that is answered with %s leaves it its owner’s', async (_name, answer) => {
    const id = await made();
    world.clock.move(HOUR);
    await resultsOf(one.sdk(), id);
    provider.odd = { [`DELETE /v1/messages/batches/${id}`]: answer };
    expect(await failureOf(batches().delete(id))).toMatchObject(badGateway);
    provider.odd = {};
    expect(await batches().retrieve(id)).toMatchObject({ id });
  });

  test.each(odd)('a look at one that is answered with %s is 502', async (_name, answer) => {
    const id = await made();
    provider.odd = { [`GET /v1/messages/batches/${id}`]: answer };
    expect(await failureOf(batches().retrieve(id))).toMatchObject(badGateway);
    expect(await failureOf(batches().list())).toMatchObject(badGateway);
  });
});
