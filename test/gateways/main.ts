import { runCommand, wholeNumber } from '../../infra/cli/command.ts';
import { compareGateway } from './differential.ts';

/**
 * `npm run compare -- --requests N (2000) --seed N`: generated requests straight to the model stand-in and through the Anthropic
 * gateway. Exit 1 when a status, a header that clients read, a byte of a body or a token of an event differs.
 */
const command = {
  usage: 'npm run compare -- [--requests N] [--seed N]',
  options: { requests: { type: 'string' }, seed: { type: 'string' } },
} as const;

await runCommand(command, async (args, output) => {
  const seed = wholeNumber(args, 'seed', Date.now());
  const result = await compareGateway(wholeNumber(args, 'requests', 2_000), seed);
  const statuses = Object.entries(result.statuses).map(([status, count]) => `${count} × ${status}`);
  output.say(
    `${result.requests} requests of seed ${seed}: ${statuses.join(', ')}; ${result.differences.length} differ.`,
  );
  for (const difference of result.differences.slice(0, 20)) output.say(`DIFFERS: ${difference}`);
  return { ok: result.differences.length === 0, seed, ...result };
});
