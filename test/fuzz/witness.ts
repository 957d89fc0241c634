import { setTimeout as wait } from 'node:timers/promises';
import { ServiceBusClient } from '@azure/service-bus';

/** The queue of the witness. */
export const WITNESS_QUEUE = 'witness';

export interface Testimony {
  sent: number;
  received: number;
  /** What an ordinary client must never see. */
  complaints: string[];
}

/** An ordinary client next to the attackers: sends, receives and completes, one message after the other, and notes whatever is not as ever. */
export async function bearWitness(connectionString: string, signal: AbortSignal): Promise<Testimony> {
  const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 20_000 } });
  const testimony: Testimony = { sent: 0, received: 0, complaints: [] };
  const complain = (error: unknown): void => void testimony.complaints.push(String(error));
  const sender = client.createSender(WITNESS_QUEUE);
  const receiver = client.createReceiver(WITNESS_QUEUE);
  const subscription = receiver.subscribe({
    async processMessage({ body, deliveryCount }) {
      if (body !== testimony.received || deliveryCount !== 0) {
        complain(`expected message ${testimony.received}, got ${body} with ${deliveryCount} earlier deliveries`);
      }
      testimony.received = body + 1;
    },
    processError: async ({ error }) => complain(error),
  });
  while (!signal.aborted && testimony.complaints.length === 0) {
    await sender
      .sendMessages({ body: testimony.sent, messageId: `w${testimony.sent}` })
      .then(() => testimony.sent++, complain);
    await wait(5);
  }
  for (let left = 200; testimony.received < testimony.sent && left > 0; left--) await wait(50);
  await subscription.close().catch(complain);
  await client.close().catch(complain);
  return testimony;
}

/** Takes away whatever is left in a queue and among its dead letters. */
export async function empty(connectionString: string, queue: string): Promise<void> {
  const client = new ServiceBusClient(connectionString);
  for (const subQueue of [{}, { subQueueType: 'deadLetter' as const }]) {
    const receiver = client.createReceiver(queue, { receiveMode: 'receiveAndDelete', ...subQueue });
    while ((await receiver.receiveMessages(1_000, { maxWaitTimeInMs: 500 })).length > 0);
  }
  await client.close();
}
