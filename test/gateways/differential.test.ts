import { expect, test } from 'vitest';
import { compareBatches } from './batch-differential.ts';
import { compareAnthropicGateway } from './differential.ts';
import { compareOpenAiGateway } from './openai-differential.ts';

test('requests through the Anthropic gateway have the answers of requests straight to the provider', async () => {
  const { statuses, differences } = await compareAnthropicGateway(120, 20_261_123);
  expect(differences).toEqual([]);
  expect(statuses[200]).toBeGreaterThan(40);
  expect(statuses[400]).toBeGreaterThan(10);
});

test('so have batches, which are metered to the token, cancelled ones too', async () => {
  const { statuses, differences } = await compareBatches(100, 20_261_123);
  expect(differences).toEqual([]);
  expect(statuses).toEqual({ 200: 100 });
});

test('so have those through the OpenAI gateway, with a bill to the token, also of clients that leave', async () => {
  const { statuses, differences } = await compareOpenAiGateway(150, 20_261_123);
  expect(differences).toEqual([]);
  expect(statuses[200]).toBeGreaterThan(60);
  expect(statuses[400]).toBeGreaterThan(10);
});
