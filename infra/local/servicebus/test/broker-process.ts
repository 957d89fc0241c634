import { startBroker } from '../src/broker.ts';
import type { BrokerConfig } from '../src/config.ts';

/** A broker in a process of its own. It gets its options, and answers what it is asked for. */
export type ToBroker =
  | { kind: 'start'; config: BrokerConfig; port: number; dataFile?: string }
  | { kind: 'memory' }
  | { kind: 'counts'; queue: string };

process.on('message', async (message: ToBroker) => {
  if (message.kind === 'start') {
    const { kind: _, ...options } = message;
    const broker = await startBroker(options);
    process.on('message', (next: ToBroker) => {
      if (next.kind === 'counts') process.send?.(broker.counts(next.queue));
    });
    process.send?.({ port: broker.port, connectionString: broker.connectionString });
  }
  if (message.kind === 'memory') {
    process.send?.({ ...process.memoryUsage(), cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1_000 });
  }
});
process.on('disconnect', () => process.exit(0));
