import { runCommand, wholeNumber } from '../cli/command.ts';
import { createActivityLines } from './activity-lines.ts';
import { describeStack } from './curl-lines.ts';
import { startStack } from './stack.ts';

/** `npm start`: the laptop stack stays up until Ctrl-C. Keys in the environment put the real services in. */
const command = {
  usage: 'npm start -- [--port N] [--instances N] [--watch] [--inspect[=PORT]] [--quiet]',
  options: {
    port: { type: 'string' },
    instances: { type: 'string' },
    watch: { type: 'boolean' },
    inspect: { type: 'string' },
    quiet: { type: 'boolean' },
  },
  bare: { inspect: '9229' },
} as const;

await runCommand(command, async (args, output, signal) => {
  output.progress('Starting …');
  const stack = await startStack({
    port: wholeNumber(args, 'port', 7071, 0, 65_535),
    instances: wholeNumber(args, 'instances', 1),
    ...(args.values['watch'] === true && { watch: true }),
    ...(args.values['inspect'] !== undefined && { inspectPort: wholeNumber(args, 'inspect', 0, 0, 65_535) }),
    environment: process.env,
    usualPorts: true,
    ...createActivityLines(output.progress, args.values['quiet'] === true),
  });
  if (!signal.aborted) {
    output.say(describeStack(stack));
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  }
  output.progress('Stopping …');
  await stack.close();
  return { ok: true };
});
