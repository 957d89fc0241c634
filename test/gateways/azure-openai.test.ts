import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { entra, forgetEntra } from './entra.ts';
import { type OpenAiGateway, startOpenAiGateway } from './openai-gateway.ts';

vi.mock('@azure/identity', async (importOriginal) => ({
  ...(await importOriginal<typeof import('@azure/identity')>()),
  DefaultAzureCredential: (await import('./entra.ts')).FakeAzureCredential,
}));

let opened: OpenAiGateway;
beforeAll(async () => {
  opened = await startOpenAiGateway();
});
afterAll(() => opened.close());
beforeEach(() => {
  forgetEntra();
  opened.reset({
    OPENAI_API_KEY: '',
    AZURE_OPENAI_BASE_URL: `${opened.model.url}/v1`,
    AZURE_OPENAI_DEPLOYMENTS: '{"trail-chat":"gpt-4o"}',
  });
});

const params = { model: 'trail-chat', messages: [{ role: 'user' as const, content: 'Which trail?' }] };

describe('Azure OpenAI without a key', () => {
  test('gets a token of the managed identity, kept for later calls', async () => {
    await opened.sdk().chat.completions.create(params);
    await opened.sdk().chat.completions.create(params);
    expect(entra.asked).toEqual(['https://cognitiveservices.azure.com/.default']);
    for (const { headers } of opened.model.calls()) {
      expect(headers['authorization']).toBe('Bearer provider-secret');
      expect(headers).not.toHaveProperty('api-key');
    }
    expect(opened.record.events).toMatchObject(
      [1, 2].map(() => ({ category: 'system.azureopenai', requestedResource: 'gpt-4o', outcome: 'succeeded' })),
    );
  });

  test('without a token: 502 that says what to do, and nothing is held', async () => {
    entra.fails = true;
    await expect(opened.sdk().chat.completions.create(params)).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining('Give the app a managed identity'),
    });
    expect([opened.model.calls(), opened.record.holds]).toEqual([[], []]);
  });

  test('lists its deployments', async () => {
    const { data } = await opened.sdk().models.list();
    expect(data.map(({ id }) => id)).toEqual(['trail-chat']);
    expect(entra.asked).toEqual([]);
  });
});
