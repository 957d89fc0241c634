import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { decodeSettings } from '../../shared/config/decode.ts';
import { checkProvider } from '../../shared/diagnosis/provider.ts';
import { createAnthropic } from '../../shared/model/clients/anthropic.ts';
import { claudePlatform } from '../../shared/model/platforms/claude-platform.ts';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { entra, forgetEntra } from './entra.ts';
import { gatewaySettings } from './serve.ts';

vi.mock('@azure/identity', async (importOriginal) => ({
  ...(await importOriginal<typeof import('@azure/identity')>()),
  DefaultAzureCredential: (await import('./entra.ts')).FakeAzureCredential,
}));

let opened: AnthropicGateway;
beforeAll(async () => {
  opened = await startAnthropicGateway();
});
beforeEach(() => {
  forgetEntra();
});
afterEach(() => opened.reset());
afterAll(() => opened.close());

const useFoundry = (more: Record<string, string> = {}) => {
  opened.settings = gatewaySettings({ ANTHROPIC_PLATFORM: 'foundry', ANTHROPIC_BASE_URL: opened.model.url, ...more });
};
const params = {
  model: 'claude-sonnet-5-5',
  max_tokens: 200,
  messages: [{ role: 'user' as const, content: 'Which trail is dry?' }],
};
const sent = () => opened.model.calls().map(({ headers }) => headers);

describe('Claude in Microsoft Foundry', () => {
  test('with a key: messages, streams and counts, in the category system.azure', async () => {
    useFoundry();
    const message = await opened.sdk().messages.create(params);
    const streamed = await opened.sdk().messages.stream(params).finalMessage();
    const counted = await opened.sdk().messages.countTokens({ model: params.model, messages: params.messages });
    expect(counted.input_tokens).toBe(message.usage.input_tokens);
    for (const headers of sent()) {
      expect(headers['x-api-key']).toBe('provider-secret');
      expect(headers['authorization']).toBeUndefined();
    }
    expect(opened.record.events).toMatchObject(
      [message, streamed].map(({ usage }) => ({
        category: 'system.azure',
        resource: 'claude-sonnet-5-5',
        providerUri: opened.model.url,
        units: { text: { input: usage.input_tokens, output: usage.output_tokens } },
      })),
    );
    expect(entra.asked).toEqual([]);
  });

  test('without a key: a token of the managed identity, kept for later calls', async () => {
    useFoundry({ ANTHROPIC_API_KEY: '' });
    await opened.sdk().messages.create(params);
    await opened.sdk().messages.create(params);
    expect(entra.asked).toEqual(['https://ai.azure.com/.default']);
    for (const headers of sent()) {
      expect(headers['authorization']).toBe('Bearer provider-secret');
      expect(headers['x-api-key']).toBeUndefined();
    }
  });

  test('an identity without a token: 502 that says what to do, and nothing is sent', async () => {
    useFoundry({ ANTHROPIC_API_KEY: '' });
    entra.fails = true;
    await expect(opened.sdk().messages.create(params)).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining('Give the app a managed identity'),
    });
    expect(opened.model.calls()).toEqual([]);
    expect(opened.record.events).toMatchObject([{ outcome: 'failed', estimatedCost: 0 }]);
  });

  test('a deployment of a data zone costs more, where the settings name it', async () => {
    useFoundry({ FOUNDRY_DATA_ZONE_DEPLOYMENTS: 'claude-opus-5-5, claude-sonnet-5-5' });
    const { usage } = await opened.sdk().messages.create(params);
    await opened.sdk().messages.create({ ...params, model: 'claude-haiku-4-5' });
    expect(opened.record.events).toMatchObject([
      {
        estimatedCost: ((usage.input_tokens * 2_000 + usage.output_tokens * 10_000) * 11) / 10,
        requestProperties: { price_modifiers: 'regional' },
      },
      { requestProperties: expect.not.objectContaining({ price_modifiers: 'regional' }) },
    ]);
  });

  test('a refusal of the key is not one of the caller', async () => {
    useFoundry({ ANTHROPIC_API_KEY: 'expired' });
    await expect(opened.sdk().messages.create(params)).rejects.toMatchObject({ status: 502 });
  });

  test('models and files, which it does not have: 404 and nothing is sent', async () => {
    useFoundry({ ANTHROPIC_FILES: 'true' });
    const refused = { status: 404, errorCode: 'not_supported' };
    await expect(opened.sdk().models.list()).rejects.toMatchObject(refused);
    await expect(opened.sdk().models.retrieve('claude-sonnet-5-5')).rejects.toMatchObject(refused);
    const file = new File(['text'], 'trail.txt', { type: 'text/plain' });
    await expect(opened.sdk().files.upload({ file })).rejects.toMatchObject(refused);
  });

  test('the doctor asks it for token counts, since it describes no models', async () => {
    useFoundry();
    const now = Date.parse('2026-11-28');
    expect(await checkProvider(opened.settings, now)).toMatchObject({ ok: true });
    expect(opened.model.calls().map(({ path }) => path)).toEqual(['/v1/messages/count_tokens']);
    useFoundry({ ANTHROPIC_API_KEY: '', MODEL_FINDER: 'claude-nope' });
    expect((await checkProvider(opened.settings, now)).found).toContain('no model claude-nope');
  });

  test("the features' own client sends the same credential", async () => {
    useFoundry({ ANTHROPIC_API_KEY: '' });
    const { baseUrl, fetch: send } = claudePlatform(opened.settings);
    await createAnthropic({ apiKey: '', baseUrl, send }).messages.create(params);
    expect(sent()).toMatchObject([{ authorization: 'Bearer provider-secret' }]);
    expect(sent()[0]?.['x-api-key']).toBeUndefined();
  });

  test('needs an address, and no key', () => {
    expect(() => useFoundry({ ANTHROPIC_BASE_URL: '', ANTHROPIC_API_KEY: '' })).toThrow(
      /- ANTHROPIC_BASE_URL: is missing; example: .*services\.ai\.azure\.com/,
    );
    expect(() => decodeSettings({ ANTHROPIC_PLATFORM: 'foundry' })).not.toThrow(/ANTHROPIC_API_KEY: is missing/);
  });
});
