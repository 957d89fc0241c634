import { ServiceBusClient } from '@azure/service-bus';
import { createAzureCredential } from '../util/azure/azure-credential.ts';

export interface ServiceBusOptions {
  connection?: string | undefined;
  /** With managed identity, e.g. `my-namespace.servicebus.windows.net`. */
  namespace?: string | undefined;
  /** Most that one send may take, in ms. */
  timeoutMs: number;
}

/** The SDK's default is to wait 30 s before each of 3 repeats; a caller waits for us. */
export function openServiceBus({ connection, namespace = '', timeoutMs }: ServiceBusOptions): ServiceBusClient {
  const options = {
    retryOptions: { maxRetries: 1, retryDelayInMs: 100, timeoutInMs: timeoutMs },
  };
  return connection !== undefined
    ? new ServiceBusClient(connection, options)
    : new ServiceBusClient(namespace, createAzureCredential(), options);
}
