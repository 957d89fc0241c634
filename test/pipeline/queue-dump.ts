import { ServiceBusClient } from '@azure/service-bus';

/** Every message that lies in a queue, whatever its state, and in its dead letters, each as a line of JSON. Takes none. */
export async function dumpQueue(connectionString: string, queue: string): Promise<string[]> {
  const client = new ServiceBusClient(connectionString);
  try {
    const lines: string[] = [];
    for (const options of [{}, { subQueueType: 'deadLetter' as const }]) {
      const receiver = client.createReceiver(queue, options);
      // The SDK goes on where its last look ended.
      for (let messages = await receiver.peekMessages(100); messages.length > 0; ) {
        // The raw message says the same once more, as bytes.
        for (const { _rawAmqpMessage: _raw, ...message } of messages) lines.push(`${queue} ${JSON.stringify(message)}`);
        messages = await receiver.peekMessages(100);
      }
    }
    return lines;
  } finally {
    await client.close();
  }
}
