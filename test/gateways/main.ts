import { runCommand, wholeNumber } from '../../infra/cli/command.ts';
import { compareBatches } from './batch-differential.ts';
import { compareAnthropicGateway } from './differential.ts';
import { compareOpenAiGateway } from './openai-differential.ts';

/**
 * `npm run compare -- --requests N (2000) --seed N`: for each gateway, and for batches, generated requests straight to the model stand-in and
 * through it. Exit 1 when a status, a header that clients read, a byte of a body or a token of an event differs.
 */
const command = {
  usage: 'npm run compare -- [--requests N] [--seed N]',
  options: { requests: { type: 'string' }, seed: { type: 'string' } },
} as const;

await runCommand(command, async (args, output) => {
  const seed = wholeNumber(args, 'seed', Date.now());
  const count = wholeNumber(args, 'requests', 2_000);
  const gateways = {
    anthropic: await compareAnthropicGateway(count, seed),
    batches: await compareBatches(count, seed),
    openai: await compareOpenAiGateway(count, seed),
  };
  for (const [name, { requests, statuses, differences }] of Object.entries(gateways)) {
    const found = Object.entries(statuses).map(([status, times]) => `${times} × ${status}`);
    output.say(`${name}: ${requests} requests of seed ${seed}: ${found.join(', ')}; ${differences.length} differ.`);
    for (const difference of differences.slice(0, 20)) output.say(`DIFFERS: ${difference}`);
  }
  return { ok: Object.values(gateways).every(({ differences }) => differences.length === 0), seed, gateways };
});
