import { readFileSync } from 'node:fs';
import { ServiceBusClient } from '@azure/service-bus';
import type { BrokerConfig } from '../../../infra/local/servicebus/src/config.ts';
import { type BrokerChild, startBrokerChild } from '../../../infra/local/servicebus/test/broker-child.ts';
import { startFloor } from '../broker/floor.ts';
import { drain, sendBatches, type Work, works } from '../broker/works.ts';
import type { BenchPart, PartResult } from '../part.ts';

/**
 * Our broker in a process of its own, driven by the real client in this one. Bodies have 1 kB. Each row is the best of its
 * runs; beside it what the same client comes to against a peer that does nothing (the floor): nearness to 1 says that the
 * client is what takes the time.
 */
const bench: BenchPart = {
  part: 'broker',
  async run({ progress }) {
    const config: BrokerConfig = { queues: works.map(({ queue }) => ({ name: queue, lockDurationMs: 300_000 })) };
    const broker = await startBrokerChild({ config: { queues: [...config.queues, { name: 'soak' }] } });
    const floor = await startFloor();
    const client = new ServiceBusClient(broker.connectionString);
    const idle = new ServiceBusClient(floor.connectionString);
    try {
      const rows: PartResult['rows'] = [];
      const goals: PartResult['goals'] = [];
      for (const work of works) {
        progress(work.name);
        const { rate, brokerCpu, floorRate } = await best(work, client, broker, idle);
        rows.push({
          name: work.name,
          messagesPerSecond: rate,
          floorMessagesPerSecond: floorRate,
          shareOfFloor: Math.round((rate / floorRate) * 100) / 100,
          brokerCpuUsPerMessage: brokerCpu,
        });
        if (work.goal === undefined) continue;
        goals.push({ name: work.name, goal: `≥ ${work.goal} messages/s`, got: `${rate}`, met: rate >= work.goal });
      }
      const memory = await soak(client, broker, progress);
      rows.push({ name: `${SOAK_MESSAGES} messages through one queue`, ...memory });
      const flat = memory.rssMbLater <= memory.rssMbEarly * 1.1 + 10;
      goals.push({
        name: 'memory over a million messages',
        goal: 'flat: at most 10 % and 10 MB more in the last tenths than in the second and third',
        got: `${memory.rssMbEarly} → ${memory.rssMbLater} MB`,
        met: flat,
      });
      return { on: [`@azure/service-bus ${version('@azure/service-bus')}`, `rhea ${version('rhea')}`], rows, goals };
    } finally {
      await Promise.all([client.close(), idle.close()]);
      floor.stop();
      await broker.kill();
    }
  },
};

export default bench;

const RUNS = 4;
const SOAK_MESSAGES = 1_000_000;

/** The best of the runs, which take turns with those on the floor: what else the machine does meets both. */
async function best(work: Work, client: ServiceBusClient, broker: BrokerChild, idle: ServiceBusClient) {
  let [rate, brokerCpu, floorRate] = [0, 0, 0];
  for (let run = 0; run < RUNS; run++) {
    if (work.fill) await sendBatches(client, work.queue, work.messages);
    const before = await broker.usage();
    const got = await measure(work, client);
    const after = await broker.usage();
    if (!work.fill) await drain(client, work.queue, work.messages);
    floorRate = Math.max(floorRate, await measure(work, idle));
    if (got < rate) continue;
    rate = got;
    brokerCpu = Math.round(((after.cpuMs - before.cpuMs) * 1_000) / work.messages);
  }
  return { rate, brokerCpu, floorRate };
}

/** Messages per second of one run. */
async function measure({ queue, messages, run }: Work, client: ServiceBusClient): Promise<number> {
  const start = performance.now();
  await run(client, queue, messages);
  return Math.round(messages / ((performance.now() - start) / 1_000));
}

/** A million messages in and out; resident memory of the broker early and late. */
async function soak(client: ServiceBusClient, broker: BrokerChild, progress: (text: string) => void) {
  const step = SOAK_MESSAGES / 10;
  const rss: number[] = [];
  const start = performance.now();
  for (let through = step; through <= SOAK_MESSAGES; through += step) {
    await Promise.all([sendBatches(client, 'soak', step), drain(client, 'soak', step)]);
    const usage = await broker.usage();
    rss.push(Math.round(usage.rss / 2 ** 20));
    progress(`${through} messages through, ${rss.at(-1)} MB`);
  }
  return {
    rssMbEarly: Math.max(...rss.slice(1, 3)),
    rssMbLater: Math.max(...rss.slice(-2)),
    messagesPerSecond: Math.round(SOAK_MESSAGES / ((performance.now() - start) / 1_000)),
  };
}

function version(name: string): string {
  const manifest = readFileSync(new URL(`../../../node_modules/${name}/package.json`, import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
