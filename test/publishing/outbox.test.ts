import { expect, test } from 'vitest';
import { createDeadLetterStore } from '../../shared/dead-letters/dead-letter-store.ts';
import { firstSend, messageId } from '../../shared/events/queued-event.ts';
import type { TrackedEvent } from '../../shared/events/usage-event.ts';
import { createOutbox } from '../../shared/publishing/outbox.ts';
import type { QueueMessage } from '../../shared/service-bus/usage-queue.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { all, manualClock, startMs, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

function begin() {
  const tables = new MemoryTables();
  const deadLetters = createDeadLetterStore(tables);
  const outbox = createOutbox(tables, deadLetters, manualClock());
  const sent: QueueMessage[] = [];
  const queue = {
    fails: false,
    close: async () => undefined,
    send: async (messages: QueueMessage[]) => {
      if (queue.fails) throw new Error('the queue takes nothing');
      sent.push(...messages);
    },
  };
  const put = (events: TrackedEvent[]) =>
    outbox.put(events.map(firstSend).map((outgoing) => ({ outgoing, messageId: messageId(outgoing) })));
  const sentIds = () => sent.map(({ outgoing }) => outgoing.event.eventId);
  return { tables, deadLetters, outbox, queue, sent, put, sentIds };
}

const aged = (ageMs: number, change: Partial<TrackedEvent> = {}) =>
  usageEvent({ eventId: uuidV7(startMs - ageMs), ...(change as object) });

test('the oldest go first, in whatever order they came; what was acknowledged is gone', async () => {
  const { outbox, queue, put, sentIds } = begin();
  const events = Array.from({ length: 250 }, (_, n) => aged(((n * 97) % 250) * 1_000));
  for (let at = 0; at < events.length; at += 60) await put(events.slice(at, at + 60));
  expect(await outbox.flush(queue)).toBe(250);
  expect(sentIds()).toEqual(events.map(({ eventId }) => eventId).sort());
  expect(await all(outbox.eventIds())).toEqual([]);
  expect(await outbox.flush(queue)).toBe(0);
  expect(sentIds()).toHaveLength(250);
});

test('two flushes at once are one', async () => {
  const { outbox, queue, put, sentIds } = begin();
  await put([aged(1_000), aged(2_000)]);
  await Promise.all([outbox.flush(queue), outbox.flush(queue)]);
  expect(sentIds()).toHaveLength(2);
});

test('what the queue did not take stays; what it took and was not taken away is sent with the same message id', async () => {
  const { tables, outbox, queue, put, sent } = begin();
  const event = aged(1_000);
  await put([event]);
  queue.fails = true;
  await expect(outbox.flush(queue)).rejects.toThrow('takes nothing');
  expect(await all(outbox.eventIds())).toEqual([event.eventId]);
  queue.fails = false;
  tables.fate = (_, operation) => (operation === 'transact' ? 'busy' : 'answered');
  await expect(outbox.flush(queue)).rejects.toMatchObject({ code: 'table_busy' });
  tables.fate = () => 'answered';
  await outbox.flush(queue);
  // Duplicate detection drops the second; after its window ingest asks Pay-i, since it counts as tried.
  expect(sent.map(({ id, outgoing }) => [id, outgoing.attempt])).toEqual([
    [event.eventId, 1],
    [event.eventId, 1],
  ]);
  expect(await all(outbox.eventIds())).toEqual([]);
});

test('a row that can’t be read holds up no other, and is kept whole as a dead letter', async () => {
  const { tables, deadLetters, outbox, queue, put, sentIds } = begin();
  const [broken, foreign, sound] = [aged(3_000), aged(2_000), aged(1_000)];
  await put([sound]);
  const table = tables.open<{ partitionKey: string; rowKey: string; text0: string }>('outbox');
  await table.insert({ partitionKey: 'pending', rowKey: broken.eventId, text0: '{"event":' });
  await table.insert({ partitionKey: 'pending', rowKey: foreign.eventId, text0: '{"schemaVersion":2}' });
  expect(await outbox.flush(queue)).toBe(1);
  expect(sentIds()).toEqual([sound.eventId]);
  expect(await all(outbox.eventIds())).toEqual([]);
  expect(await all(deadLetters.list())).toMatchObject([
    { eventId: broken.eventId, code: 'undecodable', text: '{"event":' },
    { eventId: foreign.eventId, code: 'undecodable', text: '{"schemaVersion":2}' },
  ]);
});

test('large events are put in transactions that Table Storage takes', async () => {
  const { outbox, put } = begin();
  const large = { requestProperties: { note: 'ü'.repeat(60_000) } };
  await put(Array.from({ length: 60 }, (_, n) => aged(n, large)));
  expect(await all(outbox.eventIds())).toHaveLength(60);
});
