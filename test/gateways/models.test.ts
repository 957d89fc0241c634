import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKeyService } from '../../shared/identity/keys/key-service.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { recording } from '../support/recording.ts';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { type OpenAiGateway, startOpenAiGateway } from './openai-gateway.ts';
import { GATEWAY_KEY } from './serve.ts';

/** A key that is for these models only. */
async function keyFor(models: string[]) {
  const keys = createKeyService({
    tables: new MemoryTables(),
    clock: systemClock,
    telemetry: recording().telemetry,
    taken: [],
  });
  const { key } = await keys.create({ name: 'narrow', role: 'user', namesUsers: false, models }, 'op');
  return { key, keys };
}

const idsOf = async (list: AsyncIterable<{ id: string }>): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { id } of list) ids.push(id);
  return ids;
};

const failureOf = (call: Promise<unknown>): Promise<unknown> => call.then(() => 'no failure').catch((error) => error);

describe('models of the Anthropic gateway', () => {
  let opened: AnthropicGateway;
  beforeAll(async () => {
    opened = await startAnthropicGateway();
  });
  afterEach(() => opened.reset());
  afterAll(() => opened.close());

  const client = (apiKey = GATEWAY_KEY) =>
    new Anthropic({ apiKey, baseURL: `${opened.url}/anthropic`, maxRetries: 0, logLevel: 'off' });

  test('lists what the provider lists, page by page', async () => {
    const direct = new Anthropic({ apiKey: 'provider-secret', baseURL: opened.model.url });
    const ids = await idsOf(client().models.list({ limit: 5 }));
    expect(ids.length).toBeGreaterThan(10);
    expect(ids).toEqual(await idsOf(direct.models.list()));
  });

  test('describes one model, under an alias too', async () => {
    expect(await client().models.retrieve('claude-haiku-4-5')).toMatchObject({ id: 'claude-haiku-4-5-20251001' });
    expect(await failureOf(client().models.retrieve('claude-nothing'))).toBeInstanceOf(Anthropic.NotFoundError);
  });

  test('lists and describes only the models of the key', async () => {
    const models = ['claude-haiku-5-5', 'claude-opus-5-5', 'claude-sonnet-5'];
    const { key, keys } = await keyFor(models);
    opened.keys = keys;
    expect((await idsOf(client(key).models.list())).sort()).toEqual(models);
    const first = await client(key).models.list({ limit: 2 });
    expect([first.data.length, first.has_more, first.last_id]).toEqual([2, true, first.data[1]?.id]);
    expect((await idsOf(client(key).models.list({ limit: 1 }))).sort()).toEqual(models);
    const before = await client(key).models.list({ limit: 1, before_id: first.data[1]?.id ?? '' });
    expect([before.data[0]?.id, before.has_more]).toEqual([first.data[0]?.id, false]);
    expect(await client(key).models.retrieve('claude-haiku-5-5')).toMatchObject({ id: 'claude-haiku-5-5' });
    expect(await failureOf(client(key).models.retrieve('claude-opus-5'))).toMatchObject({
      status: 403,
      errorCode: 'key_not_allowed',
    });
    expect(await failureOf(client(key).models.list({ limit: 0 }).then())).toMatchObject({ status: 400 });
  });

  test('a provider that refuses our key is 502', async () => {
    opened.settings = { ...opened.settings, ANTHROPIC_API_KEY: 'wrong' };
    expect(await failureOf(client().models.list().then())).toMatchObject({ status: 502, errorCode: 'upstream_failed' });
    const { key, keys } = await keyFor(['claude-haiku-5-5']);
    opened.keys = keys;
    expect(await failureOf(client(key).models.list().then())).toMatchObject({ status: 502 });
  });
});

describe('models of the OpenAI gateway', () => {
  let opened: OpenAiGateway;
  beforeAll(async () => {
    opened = await startOpenAiGateway();
  });
  afterEach(() => opened.reset());
  afterAll(() => opened.close());

  test('lists the models of each provider that has a key, and the deployments', async () => {
    const usual = await idsOf(opened.sdk().models.list());
    expect(usual).toContain('gpt-5.5');
    opened.reset({
      XAI_API_KEY: 'provider-secret',
      XAI_BASE_URL: `${opened.model.url}/v1`,
      AZURE_OPENAI_BASE_URL: `${opened.model.url}/v1`,
      AZURE_OPENAI_API_KEY: 'provider-secret',
      AZURE_OPENAI_DEPLOYMENTS: JSON.stringify({ 'our-gpt': 'gpt-5.5' }),
    });
    expect(await idsOf(opened.sdk().models.list())).toEqual(['our-gpt', ...usual, ...usual]);
    expect(await opened.sdk().models.retrieve('our-gpt')).toMatchObject({ id: 'our-gpt', object: 'model' });
  });

  test('describes one model, also with a slash in its id', async () => {
    for (const id of ['gpt-5.5', 'models/gemini-2.5-flash'])
      expect(await opened.sdk().models.retrieve(id)).toMatchObject({ id, object: 'model' });
    const unknown = await failureOf(opened.sdk().models.retrieve('gpt-nothing'));
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
    expect(unknown).toMatchObject({ code: 'model_not_found' });
  });

  test('lists and describes only the models of the key', async () => {
    const { key, keys } = await keyFor(['gpt-5.4-mini', 'grok-4']);
    opened.keys = keys;
    const sdk = opened.sdk({ apiKey: key });
    expect(await idsOf(sdk.models.list())).toEqual(['gpt-5.4-mini', 'grok-4']);
    expect(await failureOf(sdk.models.retrieve('gpt-5.5'))).toMatchObject({ status: 403, code: 'key_not_allowed' });
  });

  test('one provider that fails fails the list', async () => {
    opened.reset({ XAI_API_KEY: 'wrong', XAI_BASE_URL: `${opened.model.url}/v1` });
    expect(await failureOf(opened.sdk().models.list().then())).toMatchObject({ status: 502, code: 'upstream_failed' });
    opened.reset({ XAI_API_KEY: 'provider-secret', XAI_BASE_URL: `${opened.model.url}/v0` });
    expect(await failureOf(opened.sdk().models.list().then())).toMatchObject({ status: 404 });
  });
});
