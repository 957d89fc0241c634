import { ServiceBusClient, type ServiceBusClientOptions } from '@azure/service-bus';
import { afterEach } from 'vitest';
import { type Broker, type BrokerOptions, startBroker } from '../src/broker.ts';
import type { QueueConfig } from '../src/config.ts';

const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** Closed after the test. */
export function closing<T extends { close(): Promise<unknown> }>(each: T): T {
  open.push(each);
  return each;
}

/** A broker with the queue `q`. */
export async function brokerWith(
  rules: Omit<QueueConfig, 'name'> = {},
  options: Partial<BrokerOptions> = {},
): Promise<Broker> {
  return closing(await startBroker({ port: 0, config: { queues: [{ name: 'q', ...rules }] }, ...options }));
}

/** The real client, with retries quick enough for a test. */
export function clientOf(
  broker: { connectionString: string },
  options: ServiceBusClientOptions = {},
): ServiceBusClient {
  const retryOptions = { maxRetries: 2, retryDelayInMs: 20, timeoutInMs: 3_000 };
  return closing(new ServiceBusClient(broker.connectionString, { retryOptions, ...options }));
}

/** A clock that stands until it is asked to go on. */
export class ManualClock {
  private time = Date.UTC(2026, 0, 1);
  private sleepers: { at: number; wake: () => void }[] = [];

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((wake, reject) => {
      const sleeper = { at: this.time + ms, wake };
      this.sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      });
    });
  }

  /** Lets time pass; whoever slept until then has run when this resolves. */
  async advance(ms: number): Promise<void> {
    this.time += ms;
    for (const sleeper of this.sleepers.filter(({ at }) => at <= this.time)) {
      this.sleepers = this.sleepers.filter((other) => other !== sleeper);
      sleeper.wake();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
