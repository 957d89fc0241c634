import Anthropic, * as older from 'anthropic-sdk-0';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startModel } from '../../infra/local/model/src/server.ts';
import { TrailmeterError } from '../../shared/errors/trailmeter-error.ts';
import { until } from '../support/recording.ts';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { GATEWAY_KEY } from './serve.ts';

let door: AnthropicGateway;
beforeAll(async () => {
  door = await startAnthropicGateway();
});
afterAll(() => door.close());
beforeEach(() => door.reset());

const params = {
  model: 'claude-haiku-4-5',
  max_tokens: 500,
  temperature: 0.5,
  messages: [{ role: 'user' as const, content: 'Which trail?' }],
};
const sdk = (options: object = {}) =>
  new Anthropic({ apiKey: GATEWAY_KEY, baseURL: `${door.url}/anthropic`, ...options });

/** Each resolves to the tokens of output that the answer names. */
const modes: Record<string, (client: Anthropic) => Promise<number>> = {
  create: async (client) => (await client.messages.create(params)).usage.output_tokens,
  'raw stream': async (client) => {
    let output = 0;
    const seen: string[] = [];
    for await (const event of await client.messages.create({ ...params, stream: true })) {
      seen.push(event.type);
      if (event.type === 'message_delta') output = event.usage.output_tokens;
    }
    expect(seen.at(-1)).toBe('message_stop');
    return output;
  },
  'stream helper': async (client) => (await client.messages.stream(params).finalMessage()).usage.output_tokens,
  tools: async (client) => {
    const tools = [{ name: 'height', input_schema: { type: 'object' as const, properties: {} } }];
    const answer = await client.messages.create({ ...params, tools });
    expect(answer.stop_reason).toBe('tool_use');
    return answer.usage.output_tokens;
  },
  beta: async (client) => (await client.beta.messages.create(params)).usage.output_tokens,
  'raw response': async (client) => {
    const answer = await client.messages.create(params).asResponse();
    return ((await answer.json()) as { usage: { output_tokens: number } }).usage.output_tokens;
  },
};

describe('SDK 0.x', () => {
  test.each(Object.keys(modes))('%s: the answer of a direct run, metered', async (name) => {
    const mode = modes[name] as (client: Anthropic) => Promise<number>;
    const alone = await startModel({ apiKey: 'provider-secret' });
    const direct = await mode(new Anthropic({ apiKey: 'provider-secret', baseURL: alone.url }));
    await alone.close();
    const behind = await startModel({ apiKey: 'provider-secret' });
    door.settings = { ...door.settings, ANTHROPIC_BASE_URL: behind.url };
    const output = await mode(sdk());
    const [call] = behind.calls();
    await behind.close();
    expect(output).toBe(direct);
    expect(door.record.events).toMatchObject([{ outcome: 'succeeded', units: { text: { output } } }]);
    expect(door.record.order).toEqual(['hold', 'event', 'settle']);
    expect(call?.headers).toMatchObject({ 'anthropic-version': '2023-06-01', 'x-api-key': 'provider-secret' });
    expect(call?.body).toMatchObject({ temperature: 0.5 });
  });

  test('count_tokens', async () => {
    const { temperature: _refused, max_tokens: _none, ...counted } = params;
    await expect(sdk().messages.countTokens(counted)).resolves.toMatchObject({ input_tokens: expect.any(Number) });
    expect(door.record.order).toEqual([]);
  });

  test('abort', async () => {
    door.model.script({ eventDelayMs: 10 });
    const stream = sdk().messages.stream(params);
    stream.on('text', () => stream.abort());
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(older.APIUserAbortError);
    await until(() => door.record.settlements.length === 1);
    expect(door.record.events).toHaveLength(1);
  });

  test.each([
    [400, older.BadRequestError],
    [404, older.NotFoundError],
    [409, older.ConflictError],
    [422, older.UnprocessableEntityError],
    [429, older.RateLimitError],
    [500, older.InternalServerError],
    [529, older.InternalServerError],
  ])("the provider's %i is its typed error", async (status, type) => {
    door.model.script({ error: { status, message: 'as it was' } });
    const error = await sdk({ maxRetries: 0 })
      .messages.create(params)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ status, requestID: expect.stringMatching(/^req_/) });
    expect(String(error)).toContain('as it was');
    expect(door.record.events).toMatchObject([{ httpStatusCode: status, outcome: 'failed' }]);
  });

  test('a budget refusal is not repeated; a wrong key is an authentication error', async () => {
    door.record.behaviour.refuse = new TrailmeterError('limit_reached', 'Over budget', { status: 402 });
    let sent = 0;
    const fetchOnce: typeof fetch = (...given) => {
      sent += 1;
      return fetch(...given);
    };
    await expect(sdk({ fetch: fetchOnce }).messages.create(params)).rejects.toMatchObject({ status: 402 });
    expect(sent).toBe(1);
    await expect(sdk({ apiKey: 'stolen' }).messages.create(params)).rejects.toBeInstanceOf(older.AuthenticationError);
    expect(door.model.calls()).toEqual([]);
  });

  test('a stream that breaks off ends in its typed error', async () => {
    door.model.script({ breakAfter: { events: 5, how: 'cut' } });
    await expect(sdk().messages.stream(params).finalMessage()).rejects.toBeInstanceOf(older.AnthropicError);
    expect(door.record.events).toMatchObject([{ outcome: 'failed', unitsEstimated: true }]);
  });
});
