import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startBroker } from '../src/broker.ts';
import { startBrokerChild } from './broker-child.ts';
import { brokerWith, clientOf } from './setup.ts';

let folder = '';
let dataFile = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'broker-'));
  dataFile = join(folder, 'queues.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = { queues: [{ name: 'q', duplicateWindowMs: 600_000, maxDeliveryCount: 2 }] };

describe('the data file', () => {
  test('that cannot be used is reported by its name, with what to do', async () => {
    for (const file of [join(folder, 'nowhere', 'queues.log'), folder])
      await expect(startBroker({ config, port: 0, dataFile: file })).rejects.toThrow(
        `The data file ${file} can't be used`,
      );
  });

  test('what was acknowledged survives kill -9: messages, schedule, deferral, dead letters, counts and known ids', async () => {
    const first = await startBrokerChild({ config, dataFile });
    const client = clientOf(first);
    const sender = client.createSender('q');
    await sender.sendMessages(
      Array.from({ length: 50 }, (_, n) => ({ body: n, messageId: `m${n}`, applicationProperties: { n } })),
    );
    await sender.scheduleMessages({ body: 'later', messageId: 'later' }, new Date(Date.now() + 3_600_000));
    const receiver = client.createReceiver('q', { maxAutoLockRenewalDurationInMs: 0 });
    const [done, again, kept, dead, held] = await receiver.receiveMessages(5);
    if (!done || !again || !kept || !dead || !held) throw new Error('five messages should have come');
    await receiver.completeMessage(done);
    await receiver.abandonMessage(again, { tried: true });
    await receiver.deferMessage(kept);
    await receiver.deadLetterMessage(dead, { deadLetterReason: 'why', deadLetterErrorDescription: 'because' });
    await client.close();
    await first.kill();

    const second = await startBrokerChild({ config, dataFile });
    // Locks end with the process: the held message waits again.
    expect(await second.counts('q')).toEqual({ active: 47, locked: 0, scheduled: 1, deferred: 1, deadLettered: 1 });
    const later = clientOf(second);
    await later.createSender('q').sendMessages({ body: 'again', messageId: 'm0' });
    expect((await second.counts('q')).active).toBe(47);
    const next = later.createReceiver('q', { receiveMode: 'receiveAndDelete' });
    const [redelivered] = await next.receiveMessages(1);
    expect(redelivered).toMatchObject({
      messageId: 'm1',
      deliveryCount: 1,
      applicationProperties: { n: 1, tried: true },
    });
    await later.close();
    await second.kill();
  });

  test('a torn last record is cut off, and the file goes on after it', async () => {
    await sendTo(dataFile, [{ body: 1 }, { body: 2 }]);
    truncateSync(dataFile, statSync(dataFile).size - 3);
    appendFileSync(dataFile, Buffer.alloc(2));
    expect(await sendTo(dataFile, [{ body: 3 }])).toBe(2);
    expect(await sendTo(dataFile, [])).toBe(2);
  });

  test('it is rewritten when most of it is history', async () => {
    const broker = await brokerWith({}, { dataFile });
    const client = clientOf(broker);
    const sender = client.createSender('q');
    const receiver = client.createReceiver('q', { receiveMode: 'receiveAndDelete' });
    for (let round = 0; round < 80; round++) {
      await sender.sendMessages({ body: Buffer.alloc(250_000), messageId: `big-${round}` });
      await receiver.receiveMessages(1);
    }
    await client.close();
    await broker.close();
    expect(statSync(dataFile).size).toBeLessThan(17 << 20);
    expect(await sendTo(dataFile, [{ body: 'last' }])).toBe(1);
  });

  test('a second broker on the file is refused; the first goes on; after it the file is free', async () => {
    const first = await brokerWith({}, { dataFile });
    const second = () => startBroker({ port: 0, config: { queues: [{ name: 'q' }] }, dataFile });
    await expect(second()).rejects.toThrow(`is in use by the broker of the process ${process.pid}`);
    await clientOf(first).createSender('q').sendMessages({ body: 1 });
    const child = await startBrokerChild({ config, dataFile: `${dataFile}2` });
    await expect(
      startBroker({ port: 0, config: { queues: [{ name: 'q' }] }, dataFile: `${dataFile}2` }),
    ).rejects.toThrow('is in use');
    await child.kill();
    await first.close();
    expect(await sendTo(dataFile, [])).toBe(1);
    expect(await sendTo(`${dataFile}2`, [])).toBe(0);
  });

  test.each([
    ['another file', 'not a journal', 'is not a data file'],
    ['the file of other queues', undefined, "queue 'q'"],
  ])('%s is refused and stays as it is', async (_, text, says) => {
    if (text !== undefined) writeFileSync(dataFile, text);
    else await sendTo(dataFile, [{ body: 1 }]);
    const before = readFileSync(dataFile);
    await expect(startBroker({ port: 0, config: { queues: [{ name: 'other' }] }, dataFile })).rejects.toThrow(says);
    expect(readFileSync(dataFile).equals(before)).toBe(true);
  });
});

/** Sends to `q` of a broker on this file, and closes it; how many messages were active then. */
async function sendTo(dataFile: string, messages: { body: unknown }[]): Promise<number> {
  const broker = await brokerWith({}, { dataFile });
  const client = clientOf(broker);
  await client.createSender('q').sendMessages(messages);
  const { active } = broker.counts('q');
  await client.close();
  await broker.close();
  return active;
}
