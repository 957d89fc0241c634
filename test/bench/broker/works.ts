import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';

export interface Work {
  name: string;
  queue: string;
  messages: number;
  /** Messages per second. */
  goal?: number;
  /** What has to be in the queue first. */
  fill?: true;
  run(client: ServiceBusClient, queue: string, messages: number): Promise<void>;
}

const body = Buffer.alloc(1_024, 0x61);
const message = (): ServiceBusMessage => ({ body, messageId: crypto.randomUUID() });

export const works: Work[] = [
  { name: 'sends, batches of 100', queue: 'batches', messages: 60_000, goal: 25_000, run: sendBatches },
  { name: 'single sends, 100 in flight', queue: 'flight', messages: 20_000, goal: 10_000, run: sendInFlight },
  { name: 'single sends, one after the other', queue: 'single', messages: 3_000, goal: 1_500, run: sendSingly },
  {
    name: 'receive 100 at a time and complete',
    queue: 'receive',
    messages: 20_000,
    goal: 9_000,
    fill: true,
    run: receive(100),
  },
  {
    name: 'receive 1,000 at a time and complete',
    queue: 'receive1000',
    messages: 20_000,
    fill: true,
    run: receive(1_000),
  },
];

async function withSender(client: ServiceBusClient, queue: string, use: (sender: ServiceBusSender) => Promise<void>) {
  const sender = client.createSender(queue);
  await use(sender);
  await sender.close();
}

export function sendBatches(client: ServiceBusClient, queue: string, messages: number): Promise<void> {
  return withSender(client, queue, async (sender) => {
    for (let sent = 0; sent < messages; sent += 100) await sender.sendMessages(Array.from({ length: 100 }, message));
  });
}

function sendInFlight(client: ServiceBusClient, queue: string, messages: number): Promise<void> {
  return withSender(client, queue, async (sender) => {
    let left = messages;
    const lane = async (): Promise<void> => {
      while (left-- > 0) await sender.sendMessages(message());
    };
    await Promise.all(Array.from({ length: 100 }, lane));
  });
}

function sendSingly(client: ServiceBusClient, queue: string, messages: number): Promise<void> {
  return withSender(client, queue, async (sender) => {
    for (let sent = 0; sent < messages; sent++) await sender.sendMessages(message());
  });
}

function receive(atOnce: number) {
  return async (client: ServiceBusClient, queue: string, messages: number): Promise<void> => {
    const receiver = client.createReceiver(queue, { maxAutoLockRenewalDurationInMs: 0 });
    for (let got = 0; got < messages; ) {
      const some = await receiver.receiveMessages(atOnce);
      await Promise.all(some.map((each) => receiver.completeMessage(each)));
      got += some.length;
    }
    await receiver.close();
  };
}

export async function drain(client: ServiceBusClient, queue: string, messages: number): Promise<void> {
  const receiver = client.createReceiver(queue, { receiveMode: 'receiveAndDelete' });
  for (let got = 0; got < messages; ) got += (await receiver.receiveMessages(1_000)).length;
  await receiver.close();
}
