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
  const retryOptions = { maxRetries: 2, retryDelayInMs: 20, timeoutInMs: 30_000 };
  return closing(new ServiceBusClient(broker.connectionString, { retryOptions, ...options }));
}
