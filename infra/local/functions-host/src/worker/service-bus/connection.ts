import { RetryMode, ServiceBusClient, type ServiceBusClientOptions } from '@azure/service-bus';

/**
 * The host's own client tries 3 times from 0.8 s on, and its loop then begins again: it never waits longer than 3.2 s.
 * It also learns at once that a link is gone under a settlement and settles by another; this client waits for its answer
 * until the time-out, so that is short.
 */
const options: ServiceBusClientOptions = {
  retryOptions: {
    maxRetries: 3,
    retryDelayInMs: 800,
    maxRetryDelayInMs: 3200,
    timeoutInMs: 3_000,
    mode: RetryMode.Exponential,
  },
};

/** Clients of this process, one for each connection that a binding names. */
export interface Connections {
  /** @throws Error that names the setting that is missing */
  client(connection: string | undefined): Promise<ServiceBusClient>;
  close(): Promise<void>;
}

/**
 * Finds a binding's `connection` as the host does: a setting of that name (or with `AzureWebJobs` before it) holds a
 * connection string, or `<name>__fullyQualifiedNamespace` names the namespace, entered with the identity of the process.
 */
export function createConnections(env: NodeJS.ProcessEnv): Connections {
  const clients = new Map<string, Promise<ServiceBusClient>>();
  return {
    client(connection = 'AzureWebJobsServiceBus') {
      let client = clients.get(connection);
      if (client === undefined) {
        client = connect(connection, env);
        clients.set(connection, client);
      }
      return client;
    },
    async close() {
      await Promise.all([...clients.values()].map(async (client) => (await client).close()));
    },
  };
}

async function connect(connection: string, env: NodeJS.ProcessEnv): Promise<ServiceBusClient> {
  const text = env[connection] || env[`AzureWebJobs${connection}`];
  if (text) return new ServiceBusClient(text, options);
  const namespace = env[`${connection}__fullyQualifiedNamespace`];
  if (namespace) {
    // Slow to load, and seldom needed on a laptop.
    const { DefaultAzureCredential } = await import('@azure/identity');
    return new ServiceBusClient(namespace, new DefaultAzureCredential(), options);
  }
  throw new Error(
    `The Service Bus connection "${connection}" is not set: give ${connection} a connection string, or ${connection}__fullyQualifiedNamespace a host name like example.servicebus.windows.net.`,
  );
}

/** Replaces `%NAME%` by the setting of that name. @throws Error that names the one that is missing */
export function resolveName(text: string | undefined, env: NodeJS.ProcessEnv): string {
  return (text ?? '').replace(/%([^%]+)%/g, (_all, name: string) => {
    const value = env[name];
    if (!value) throw new Error(`The setting ${name}, which a binding names as %${name}%, is not set.`);
    return value;
  });
}
