import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';

/** A process that is asked to end while calls are under way: every answer that leaves has its event at Pay-i, once. */

const CALLS = 12;
const MODEL_MS = 6_000;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ settings: { PUBLISH_TIMEOUT_MS: '1000' }, log: () => undefined });
});
afterAll(() => stack?.close());

/** The id of the model's answer; undefined where there was none. */
async function callModel(): Promise<string | undefined> {
  const response = await fetch(`${stack.url}/anthropic/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'claude-haiku-5-5',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'Is the pass open?' }],
    }),
  });
  const answer = (await response.json()) as { id?: string };
  return response.ok ? answer.id : undefined;
}

test.each([
  ['Service Bus serves', () => undefined],
  ['Service Bus takes nothing', () => stack.broker?.faults.serverBusy('usage-events', 1_000)],
])('what is under way when a process ends is not lost: %s', async (_name, fault) => {
  fault();
  stack.model?.script({ times: CALLS, delayMs: MODEL_MS });
  const calls = Array.from({ length: CALLS }, callModel);
  // Each call has taken its outcome: all of them are at the model, and none has its answer yet.
  await vi.waitFor(() => expect(stack.model?.scripted()).toBe(0), { timeout: MODEL_MS, interval: 20 });
  const [instance] = stack.host.instances;
  const pid = instance?.pid;
  await instance?.restart();
  expect(instance?.pid).not.toBe(pid);
  const answered = (await Promise.all(calls)).filter((id) => id !== undefined);
  expect(answered).toHaveLength(CALLS);
  stack.broker?.faults.serverBusy('usage-events', 0);
  await fetch(`${stack.url}/admin/functions/outbox-flush`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  await vi.waitFor(
    () => {
      const arrived = [...(stack.payi?.inspect.events() ?? [])];
      expect(arrived.map(({ providerResponseId }) => providerResponseId)).toEqual(expect.arrayContaining(answered));
      expect(arrived.filter(({ duplicates }) => duplicates > 0)).toEqual([]);
    },
    { timeout: 60_000, interval: 100 },
  );
});
