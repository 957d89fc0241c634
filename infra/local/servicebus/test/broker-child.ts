import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { QueueCounts } from '../src/broker.ts';
import type { BrokerConfig } from '../src/config.ts';
import type { ToBroker } from './broker-process.ts';

export interface BrokerChild {
  port: number;
  connectionString: string;
  counts(queue: string): Promise<QueueCounts>;
  /** Bytes of resident memory, and ms of processor time so far. */
  usage(): Promise<{ rss: number; cpuMs: number }>;
  /** Ends the process at once, as `kill -9` does. */
  kill(): Promise<void>;
}

/** Starts a broker in a process of its own. */
export async function startBrokerChild(options: {
  config: BrokerConfig;
  port?: number;
  dataFile?: string;
}): Promise<BrokerChild> {
  const child = fork(new URL('./broker-process.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
  const started = await ask<{ port: number; connectionString: string }>(child, { port: 0, ...options, kind: 'start' });
  return {
    ...started,
    counts: (queue) => ask(child, { kind: 'counts', queue }),
    usage: () => ask(child, { kind: 'memory' }),
    async kill() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function ask<T>(child: ChildProcess, message: ToBroker): Promise<T> {
  const answer = once(child, 'message');
  child.send(message);
  const [value] = await answer;
  return value as T;
}
