import { Interrupted, runCommand } from '../command.ts';
import { type Stack, startStack } from '../stack.ts';
import { collect, expectedKpis, waitUntilIngested } from './facts.ts';
import { discrepancies, figures } from './figures.ts';
import { describe } from './report.ts';
import { sendAll, type Tally } from './send.ts';
import { traffic } from './traffic.ts';

const keyOfTheFrontEnd = 'demo-front-end-key';

/** The demo shows a user's budget being reached, so its daily limit for a user is small. */
const settings = {
  ACCESS_KEYS: JSON.stringify({ 'front-end': { key: keyOfTheFrontEnd, role: 'user' } }),
  JUDGE_PROVIDER: 'anthropic',
  LIMITS: JSON.stringify([
    { name: 'daily-budget', scope: 'global', window: 'day', maxUsd: 50, type: 'block' },
    { name: 'monthly-budget', scope: 'global', window: 'month', maxUsd: 500, type: 'allow' },
    { name: 'user-daily', scope: 'user', window: 'day', maxUsd: 0.5, threshold: 0.8, type: 'block' },
  ]),
};

await runCommand({}, async (_args, output, signal) => {
  const started = Date.now();
  output.progress('Starting Service Bus, Table Storage, Pay-i, the model and the function app on 127.0.0.1 …');
  const stack = await startStack({ settings, log: () => undefined });
  try {
    signal.throwIfAborted();
    return await demonstrate(stack, output, signal, started);
  } finally {
    output.progress('Stopping everything …');
    await stack.close();
  }
});
