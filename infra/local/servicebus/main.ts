import { runCommand, wholeNumber } from '../command.ts';
import { startBroker } from './broker.ts';
import { readConfig } from './config.ts';

/** `npm run servicebus`: the broker alone, until Ctrl-C. */
const command = {
  usage: 'npm run servicebus -- --config FILE [--port N] [--data FILE]',
  options: { config: { type: 'string' }, port: { type: 'string' }, data: { type: 'string' } },
} as const;

await runCommand(command, async (args, output, signal) => {
  const { config: file, port, data } = args.values;
  if (typeof file !== 'string') throw new Error('Name the configuration: npm run servicebus -- --config Config.json');
  const config = readConfig(file);
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
