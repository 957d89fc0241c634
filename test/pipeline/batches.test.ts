import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { collect } from '../../infra/local/demo/facts.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';

const KEY = 'a-key-for-the-batches';
const ADMIN_KEY = 'an-admin-key-for-the-batches';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    settings: {
      ACCESS_KEYS: JSON.stringify({ web: { key: KEY, role: 'user' }, operator: { key: ADMIN_KEY, role: 'admin' } }),
      DEV_IDENTITY: '',
      LIMITS: JSON.stringify([{ name: 'all', scope: 'global', window: 'day', maxUsd: 5, type: 'block' }]),
    },
    log: () => undefined,
  });
});
afterAll(() => stack?.close());

/** `data` of an admin's question. */
async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(`${stack.url}${path}`, { headers: { 'x-functions-key': ADMIN_KEY } });
  return ((await answer.json()) as { data: T }).data;
}

test('a batch through every layer: held, metered once, at Pay-i, in the usage and off the limit', async () => {
  const headers = { 'x-use-case-name': 'nightly', 'x-user-id': 'sam' };
  const client = new Anthropic({ apiKey: KEY, baseURL: `${stack.url}/anthropic`, defaultHeaders: headers });
  const requests = ['a', 'b', 'c'].map((custom_id) => ({
    custom_id,
    params: { model: 'claude-haiku-5-5', max_tokens: 50, messages: [{ role: 'user' as const, content: custom_id }] },
  }));
  const { id } = await client.messages.batches.create({ requests });
  const lines: string[] = [];
  for await (const line of await client.messages.batches.results(id)) lines.push(line.custom_id);
  expect(lines).toEqual(['a', 'b', 'c']);
  const eventsOf = () => collect(stack).events.filter(({ useCaseName }) => useCaseName === 'nightly');
  await vi.waitFor(() => expect(eventsOf()).toHaveLength(3), { timeout: 60_000, interval: 250 });
  const cost = eventsOf().reduce((sum, event) => sum + event.costNanoUsd, 0n);
  type Usage = { rows: { useCase: string; requests: number; estimatedUsd: number }[] };
  const { rows } = await ask<Usage>('/api/usage?groupBy=useCase');
  expect(rows.find(({ useCase }) => useCase === 'nightly')).toMatchObject({ requests: 3 });
  type Limits = { limits: { limitId: string; spentUsd: number; heldUsd: number }[] };
  await vi.waitFor(
    async () => {
      const found = (await ask<Limits>('/api/limits')).limits.find(({ limitId }) => limitId.startsWith('all'));
      expect([found?.heldUsd, Math.round((found?.spentUsd ?? 0) * 1e9) > 0]).toEqual([0, true]);
    },
    { timeout: 60_000, interval: 250 },
  );
  expect(cost).toBeGreaterThan(0n);
  expect(await ask('/api/admin/audit')).toMatchObject({ ok: true, states: { ingested: 3 } });
});
