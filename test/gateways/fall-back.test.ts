import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import type { CallForm } from '../../shared/use-cases/use-case.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { makeGate, policy } from '../limits/helpers.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { type OpenAiGateway, startOpenAiGateway } from './openai-gateway.ts';
import { startScriptedProvider } from './scripted-provider.ts';
import { GATEWAY_KEY } from './serve.ts';

let opened: AnthropicGateway;
let openai: OpenAiGateway;

beforeAll(async () => {
  opened = await startAnthropicGateway();
  openai = await startOpenAiGateway();
});
afterAll(async () => {
  await opened.close();
  await openai.close();
});
beforeEach(() => {
  opened.reset();
  openai.reset();
});

const messages = [{ role: 'user' as const, content: 'Which trail?' }];
const asked = { model: 'claude-opus-5-5', max_tokens: 1_000, messages };

/** Calls of the gateway may be made in these forms, with this much budget. */
function permit(record: object, permitted: CallForm[], facts: Partial<Policy>): void {
  const policies = [policy({ name: 'line', type: 'fall_back', ...facts })];
  const gate = makeGate(new MemoryTables(), { policies, clock: systemClock });
  Object.assign(record, { gate, permittedForms: () => permitted });
}

const sdk = () => new Anthropic({ apiKey: GATEWAY_KEY, baseURL: `${opened.url}/anthropic`, maxRetries: 0 });
const told = 'policy=line, asked=claude-opus-5-5, model=claude-haiku-5-5, max_tokens=200, effort=low';
const form: CallForm = { model: 'claude-haiku-5-5', maxTokens: 200, effort: 'low' };
const sentToModel = () =>
  opened.model
    .calls()
    .filter(({ path }) => path === '/v1/messages')
    .map(({ body }) => body);

describe('a message without room is sent in the form that its use case permits', () => {
  test.each([
    ['JSON', (client: Anthropic) => client.messages.create(asked).withResponse()],
    ['a stream', (client: Anthropic) => client.messages.stream(asked).withResponse()],
  ])('%s', async (_, ask) => {
    permit(opened.record, [{ model: 'claude-sonnet-5-5' }, form], { maxUsd: 0.002 });
    const { response, data } = await ask(sdk());
    if ('finalMessage' in data) await data.finalMessage();
    expect(response.headers.get('x-limit-fallback')).toBe(told);
    expect(sentToModel()).toMatchObject([
      { ...asked, model: 'claude-haiku-5-5', max_tokens: 200, output_config: { effort: 'low' } },
    ]);
    const [event] = opened.record.events;
    expect(event).toMatchObject({
      requestedResource: 'claude-opus-5-5',
      resource: 'claude-haiku-5-5',
      requestProperties: { limit_fallback: told },
      outcome: 'succeeded',
    });
    expect(event?.estimatedCost).toBeLessThan(1_000_000);
    expect(opened.record.lines.map(({ event: line }) => line)).toEqual(
      expect.arrayContaining(['limit-fallbacks', 'call-fell-back']),
    );
  });

  test('all other bytes of the body pass as they are', async () => {
    permit(opened.record, [{ model: 'claude-haiku-5-5' }], { maxUsd: 0.002 });
    const body =
      ' { "max_tokens":1000, "model" :"claude-opus-5-5","messages":[{"role":"user","content":"\\u0041 trail"}]} ';
    const provider = await startScriptedProvider();
    provider.reply = {
      headers: { 'content-type': 'application/json' },
      chunks: ['{"id":"m","type":"message","model":"claude-haiku-5-5","usage":{"input_tokens":3,"output_tokens":4}}'],
    };
    opened.settings = { ...opened.settings, ANTHROPIC_BASE_URL: provider.url };
    const answer = await fetch(`${opened.url}/anthropic/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': GATEWAY_KEY, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body,
    });
    await answer.text();
    expect(answer.status).toBe(200);
    expect(provider.asked.at(-1)?.body.toString()).toBe(body.replace('claude-opus-5-5', 'claude-haiku-5-5'));
    await provider.close();
  });

  test('a form that fits only by the count of the provider is counted with its own model', async () => {
    permit(opened.record, [{ model: 'claude-haiku-5-5', maxTokens: 10 }], { maxUsd: 0.0008 });
    const long = [{ role: 'user' as const, content: 'trail '.repeat(2_000) }];
    await sdk().messages.create({ ...asked, messages: long });
    const counted = opened.model.calls().filter(({ path }) => path === '/v1/messages/count_tokens');
    expect(counted.map(({ body }) => (body as { model: string }).model)).toEqual([
      'claude-opus-5-5',
      'claude-haiku-5-5',
    ]);
    expect(opened.record.events).toMatchObject([{ resource: 'claude-haiku-5-5' }]);
  });

  test('where its use case permits none, or the policy blocks, it is refused and nothing is sent', async () => {
    for (const [permitted, type] of [
      [[], 'fall_back'],
      [[form], 'block'],
    ] as const) {
      permit(opened.record, [...permitted], { maxUsd: 0.002, type });
      await expect(sdk().messages.create(asked)).rejects.toMatchObject({ status: 402 });
    }
    expect(sentToModel()).toEqual([]);
    expect(opened.record.events).toEqual([]);
  });

  test('in shadow it is sent as it was asked, and the event says what would have happened', async () => {
    permit(opened.record, [form], { maxUsd: 0.002, shadow: true });
    const { response } = await sdk().messages.create(asked).withResponse();
    expect(response.headers.get('x-limit-fallback')).toBeNull();
    expect(response.headers.get('x-limit-state')).toMatch(/^line:.*=would_fall_back$/);
    expect(sentToModel()).toEqual([asked]);
    expect(opened.record.events).toMatchObject([
      { resource: 'claude-opus-5-5', requestProperties: { limit_shadow: 'line=would_fall_back' } },
    ]);
  });

  test('a caller cannot write what limits did', async () => {
    permit(opened.record, [], { maxUsd: 5 });
    const defaultHeaders = { 'x-request-properties': '{"limit_fallback":"x","limit_shadow":"y","region":"utah"}' };
    const client = new Anthropic({ apiKey: GATEWAY_KEY, baseURL: `${opened.url}/anthropic`, defaultHeaders });
    await client.messages.create(asked);
    expect(opened.record.events[0]?.requestProperties).not.toHaveProperty('limit_fallback');
    expect(opened.record.events[0]?.requestProperties).not.toHaveProperty('limit_shadow');
    expect(opened.record.events[0]?.requestProperties).toMatchObject({ region: 'utah' });
  });
});

describe('a call of the OpenAI gateway', () => {
  const small: CallForm = { model: 'gpt-5.4-mini', maxTokens: 100, effort: 'low' };
  const sent = () => openai.model.calls().map(({ body }) => body);

  test('a chat completion, JSON and stream', async () => {
    const chat = { model: 'gpt-5.4', max_completion_tokens: 5_000, messages };
    for (const stream of [false, true]) {
      openai.reset();
      permit(openai.record, [small], { maxUsd: 0.02 });
      const { response, data } = await openai
        .sdk()
        .chat.completions.create({ ...chat, stream })
        .withResponse();
      if ('controller' in data) for await (const chunk of data) expect(chunk).not.toHaveProperty('usage');
      expect(response.headers.get('x-limit-fallback')).toBe(
        'policy=line, asked=gpt-5.4, model=gpt-5.4-mini, max_tokens=100, effort=low',
      );
      expect(sent()).toMatchObject([{ model: 'gpt-5.4-mini', max_completion_tokens: 100, reasoning_effort: 'low' }]);
      expect(openai.record.events).toMatchObject([{ requestedResource: 'gpt-5.4', resource: /gpt-5.4-mini/ }]);
    }
  });

  test('a response; a model of a provider that is not set is passed over', async () => {
    permit(openai.record, [{ model: 'gemini-3-flash' }, small], { maxUsd: 0.02 });
    const { response } = await openai
      .sdk()
      .responses.create({
        model: 'gpt-5.4',
        max_output_tokens: 5_000,
        input: 'Which trail?',
        reasoning: { effort: 'high' },
      })
      .withResponse();
    expect(response.headers.get('x-limit-fallback')).toContain('model=gpt-5.4-mini');
    expect(sent()).toMatchObject([{ model: 'gpt-5.4-mini', max_output_tokens: 100, reasoning: { effort: 'low' } }]);
  });
});
