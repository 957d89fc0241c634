import { parseArgs } from 'node:util';
import { startBroker } from './broker.ts';
import { readConfig } from './config.ts';

/** `npm run servicebus -- --config F [--port N] [--data FILE]`: the broker alone, until Ctrl-C. */
const { values } = parseArgs({
  options: { config: { type: 'string' }, port: { type: 'string' }, data: { type: 'string' } },
});

try {
  if (!values.config) throw new Error('Name the configuration: npm run servicebus -- --config Config.json');
  const config = readConfig(values.config);
  const broker = await startBroker({
    config,
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
    ...(values.data === undefined ? {} : { dataFile: values.data }),
  });
  console.log(`Queues: ${config.queues.map(({ name }) => name).join(', ')}`);
  console.log(broker.connectionString);
  const stop = (): void => void broker.close().then(() => process.exit(0));
  process.on('SIGINT', stop).on('SIGTERM', stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
