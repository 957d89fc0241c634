import { waitUntilIngested } from '../../../infra/local/demo/facts.ts';
import { sendAll } from '../../../infra/local/demo/send.ts';
import { traffic } from '../../../infra/local/demo/traffic.ts';
import { type Stack, startStack } from '../../../infra/local/stack.ts';

export const USER_KEY = 'a-key-of-the-front-end';
export const ADMIN_KEY = 'a-key-of-an-operator';

export const keySettings = {
  ACCESS_KEYS: JSON.stringify({
    'front-end': { key: USER_KEY, role: 'user' },
    operator: { key: ADMIN_KEY, role: 'admin' },
  }),
};

const policies = [
  { name: 'daily-budget', scope: 'global', window: 'day', maxUsd: 50, type: 'block' },
  { name: 'monthly-budget', scope: 'global', window: 'month', maxUsd: 500, type: 'allow' },
  { name: 'user-daily', scope: 'user', window: 'day', maxUsd: 0.75, threshold: 0.8, type: 'block' },
];

/** The laptop stack with keys of both roles, after a day's traffic of the demo. */
export async function startConsoleStack(settings: Record<string, string> = {}): Promise<Stack> {
  const stack = await startStack({
    settings: {
      ...keySettings,
      JUDGE_PROVIDER: 'anthropic',
      LIMITS: JSON.stringify(policies),
      ...settings,
    },
  });
  await sendAll(stack.url, USER_KEY, traffic, { signal: new AbortController().signal, onAnswer: () => undefined });
  await waitUntilIngested(stack, { signal: new AbortController().signal, limitMs: 60_000, progress: () => undefined });
  return stack;
}
