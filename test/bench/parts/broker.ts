import { readFileSync } from 'node:fs';
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusSender } from '@azure/service-bus';
import type { BrokerConfig } from '../../../infra/local/servicebus/config.ts';
import { type BrokerChild, startBrokerChild } from '../../servicebus/broker-child.ts';
import type { BenchPart, PartResult } from '../part.ts';

/** Our broker in a process of its own, driven by the real client in this one. Bodies have 1 kB. Each row is the best of its runs. */
const bench: BenchPart = {
  part: 'broker',
  async run({ progress }) {
    const config: BrokerConfig = { queues: works.map(({ queue }) => ({ name: queue, lockDurationMs: 300_000 })) };
    const broker = await startBrokerChild({ config: { queues: [...config.queues, { name: 'soak' }] } });
    const client = new ServiceBusClient(broker.connectionString);
    try {
      const rows: PartResult['rows'] = [];
      const goals: PartResult['goals'] = [];
      for (const work of works) {
        progress(work.name);
        const { rate, brokerCpu } = await best(work, client, broker);
        rows.push({ name: work.name, messagesPerSecond: rate, brokerCpuUsPerMessage: brokerCpu });
        if (work.goal === undefined) continue;
        goals.push({ name: work.name, goal: `≥ ${work.goal} messages/s`, got: `${rate}`, met: rate >= work.goal });
      }
      const memory = await soak(client, broker, progress);
      rows.push({ name: `${soakMessages} messages through one queue`, ...memory });
      const flat = memory.rssMbLater <= memory.rssMbEarly * 1.1 + 10;
      goals.push({
        name: 'memory over a million messages',
        goal: 'flat: at most 10 % and 10 MB more in the last tenths than in the second and third',
        got: `${memory.rssMbEarly} → ${memory.rssMbLater} MB`,
        met: flat,
      });
      return { on: [`@azure/service-bus ${version('@azure/service-bus')}`, `rhea ${version('rhea')}`], rows, goals };
    } finally {
      await client.close();
      await broker.kill();
    }
  },
};

export default bench;

interface Work {
  name: string;
  queue: string;
  messages: number;
  /** Messages per second. */
  goal?: number;
  /** What has to be in the queue first. */
  fill?: true;
  run(client: ServiceBusClient, queue: string, messages: number): Promise<void>;
}

const runs = 4;
const soakMessages = 1_000_000;
const body = Buffer.alloc(1_024, 0x61);
const message = (): ServiceBusMessage => ({ body, messageId: crypto.randomUUID() });

const works: Work[] = [
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

async function best(work: Work, client: ServiceBusClient, broker: BrokerChild) {
  let [rate, brokerCpu] = [0, 0];
  for (let run = 0; run < runs; run++) {
    if (work.fill) await sendBatches(client, work.queue, work.messages);
    const before = await broker.usage();
    const start = performance.now();
    await work.run(client, work.queue, work.messages);
    const got = Math.round(work.messages / ((performance.now() - start) / 1_000));
    const after = await broker.usage();
    if (!work.fill) await drain(client, work.queue, work.messages);
    if (got < rate) continue;
    rate = got;
    brokerCpu = Math.round(((after.cpuMs - before.cpuMs) * 1_000) / work.messages);
  }
  return { rate, brokerCpu };
}

async function withSender(client: ServiceBusClient, queue: string, use: (sender: ServiceBusSender) => Promise<void>) {
  const sender = client.createSender(queue);
  await use(sender);
  await sender.close();
}

function sendBatches(client: ServiceBusClient, queue: string, messages: number): Promise<void> {
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

async function drain(client: ServiceBusClient, queue: string, messages: number): Promise<void> {
  const receiver = client.createReceiver(queue, { receiveMode: 'receiveAndDelete' });
  for (let got = 0; got < messages; ) got += (await receiver.receiveMessages(1_000)).length;
  await receiver.close();
}

/** A million messages in and out; resident memory of the broker early and late. */
async function soak(client: ServiceBusClient, broker: BrokerChild, progress: (text: string) => void) {
  const step = soakMessages / 10;
  const rss: number[] = [];
  const start = performance.now();
  for (let through = step; through <= soakMessages; through += step) {
    await Promise.all([sendBatches(client, 'soak', step), drain(client, 'soak', step)]);
    const usage = await broker.usage();
    rss.push(Math.round(usage.rss / 2 ** 20));
    progress(`${through} messages through, ${rss.at(-1)} MB`);
  }
  return {
    rssMbEarly: Math.max(...rss.slice(1, 3)),
    rssMbLater: Math.max(...rss.slice(-2)),
    messagesPerSecond: Math.round(soakMessages / ((performance.now() - start) / 1_000)),
  };
}

function version(name: string): string {
  const manifest = readFileSync(new URL(`../../../node_modules/${name}/package.json`, import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
