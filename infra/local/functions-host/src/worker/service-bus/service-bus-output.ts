import type { ServiceBusMessage } from '@azure/service-bus';
import type { AppFunction, Log } from '../app.ts';
import type { InvocationResponse, RpcTypedData } from '../core-types.ts';
import { describe } from '../invoke.ts';
import { type Connections, resolveName } from './connection.ts';

/** Sends what functions return for their Service Bus output bindings, `extraOutputs` and `return` alike. */
export function createOutputs(
  connections: Connections,
  env: NodeJS.ProcessEnv,
  log: Log,
): (target: AppFunction, response: InvocationResponse) => Promise<void> {
  return async (target, response) => {
    const given = (response.outputData ?? []).map(({ name, data }) => [name, data] as const);
    const returned = response.returnValue ? [['$return', response.returnValue] as const] : [];
    for (const [name, data] of [...given, ...returned]) {
      const binding = target.metadata.bindings[name];
      if (binding?.direction !== 'out' || binding.type.toLowerCase() !== 'servicebus') continue;
      const entity = resolveName(binding.queueName ?? binding.topicName, env);
      const sender = (await connections.client(binding.connection)).createSender(entity);
      try {
        const messages = messagesOf(data);
        if (messages.length > 0) await sender.sendMessages(messages);
      } catch (error) {
        log(`Could not send the output "${name}" to ${entity}: ${describe(error)}`, target.metadata.name);
        throw error;
      } finally {
        await sender.close();
      }
    }
  };
}

/** An array is a message for each item; text goes as it is, anything else as JSON. */
export function messagesOf(data: RpcTypedData): ServiceBusMessage[] {
  if (data.json !== undefined) {
    const value: unknown = JSON.parse(data.json);
    return (Array.isArray(value) ? value : [value]).map((item) =>
      typeof item === 'string'
        ? textMessage(item)
        : { body: Buffer.from(JSON.stringify(item)), contentType: 'application/json' },
    );
  }
  if (data.bytes !== undefined) return [binaryMessage(data.bytes)];
  if (data.collectionString !== undefined) return data.collectionString.string.map(textMessage);
  if (data.collectionBytes !== undefined) return data.collectionBytes.bytes.map(binaryMessage);
  const scalar = data.string ?? data.int ?? data.double;
  return scalar === undefined ? [] : [textMessage(String(scalar))];
}

function textMessage(text: string): ServiceBusMessage {
  return { body: Buffer.from(text), contentType: 'text/plain' };
}

function binaryMessage(bytes: Uint8Array): ServiceBusMessage {
  return { body: Buffer.from(bytes), contentType: 'application/octet-stream' };
}
