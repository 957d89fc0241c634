import { runCommand, wholeNumber } from '../../../cli/command.ts';
import { queues } from '../../queues.ts';
import { startBroker } from './broker.ts';
import { readConfig } from './config.ts';

/** `npm run servicebus`: the broker alone, with the queues of the app or those of a `--config`, until Ctrl-C. */
const command = {
  usage: 'npm run servicebus -- [--config FILE] [--port N] [--data FILE]',
  options: { config: { type: 'string' }, port: { type: 'string' }, data: { type: 'string' } },
} as const;

await runCommand(command, async (args, output, signal) => {
  const { config: file, port, data } = args.values;
  const config = typeof file === 'string' ? readConfig(file) : queues;
  const broker = await startBroker({
    config,
    ...(port !== undefined && { port: wholeNumber(args, 'port', 0, 0, 65_535) }),
    ...(typeof data === 'string' && { dataFile: data }),
  });
  output.say(`Queues: ${config.queues.map(({ name }) => name).join(', ')}`);
  for (const topic of config.topics ?? [])
    output.progress(`The topic ${topic} is left out: only queues are served here.`);
  output.say(broker.connectionString);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  await broker.close();
  return { ok: true };
});
