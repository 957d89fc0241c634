import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { NotDurableError } from '../../shared/events/errors.ts';
import { createPublisher, type PublisherOptions } from '../../shared/publishing/create-publisher.ts';
import type { OutboxEntry } from '../../shared/publishing/outbox.ts';
import type { QueueMessage } from '../../shared/service-bus/usage-queue.ts';
import type { Clock } from '../../shared/util/clock.ts';
import { noting, usageEvent } from '../support/events.ts';

/** A hundredth of real time. */
const hasty: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => delay(ms / 100, undefined, signal ? { signal } : {}),
};
const never = () => new Promise<never>(() => undefined);

function begin(change: Partial<PublisherOptions> = {}) {
  const stored: OutboxEntry[] = [];
  const telemetry = noting();
  const publisher = createPublisher({
    queue: { send: never, close: never },
    outbox: {
      put: async (entries) => {
        await delay(50);
        stored.push(...entries);
      },
      flush: async () => 0,
      async *eventIds() {},
      async *entries() {},
    },
    register: { add: async () => undefined },
    timeoutMs: 1_000,
    clock: hasty,
    telemetry,
    ...change,
  });
  return { publisher, stored, telemetry };
}

const ids = (entries: OutboxEntry[]) => entries.map(({ outgoing }) => outgoing.event.eventId).sort();

test('a register that does not answer is reported; while the send still goes on it is nobody’s rejection', async () => {
  const rejections: unknown[] = [];
  const listener = (reason: unknown) => void rejections.push(reason);
  process.on('unhandledRejection', listener);
  const { publisher, stored, telemetry } = begin({ register: { add: never } });
  const event = usageEvent();
  expect(await publisher.publish(event)).toBe('outbox');
  process.off('unhandledRejection', listener);
  expect(ids(stored)).toEqual([event.eventId]);
  expect(telemetry.notes.map(({ event: name }) => name)).toContain('register-slow');
  expect(rejections).toEqual([]);
});

test('a Service Bus that hangs: closing ends all the same, and what was in memory lies in the outbox', async () => {
  const { publisher, stored, telemetry } = begin({ timeoutMs: 60_000 });
  const events = Array.from({ length: 30 }, () => usageEvent());
  const published = Promise.all(events.map((event) => publisher.publish(event)));
  await publisher.close();
  expect(new Set(await published)).toEqual(new Set(['outbox']));
  expect(ids(stored)).toEqual(events.map(({ eventId }) => eventId).sort());
  expect(telemetry.notes.map(({ event }) => event)).toContain('queue-not-closed');
});

describe('an event that neither Service Bus nor the outbox took', () => {
  const refuse = async () => {
    throw new Error('refused');
  };

  test('is refused, kept in memory, and made durable later as one that was tried', async () => {
    const stored: OutboxEntry[] = [];
    let serves = false;
    const put = async (entries: OutboxEntry[]) => {
      if (!serves) await refuse();
      stored.push(...entries);
    };
    const outbox = { put, flush: async () => 0, async *eventIds() {}, async *entries() {} };
    const { publisher, telemetry } = begin({ queue: { send: refuse, close: refuse }, outbox });
    const event = usageEvent();
    await expect(publisher.publish(event)).rejects.toBeInstanceOf(NotDurableError);
    await vi.waitFor(
      () => expect(telemetry.notes.map(({ event: name }) => name)).toContain('events-still-in-memory'),
      60_000,
    );
    expect(stored).toEqual([]);
    serves = true;
    await vi.waitFor(() => expect(stored).toHaveLength(1), 60_000);
    // The id of the first send, which may have been accepted; and Pay-i is asked before it is ingested.
    expect(stored).toEqual([{ messageId: event.eventId, outgoing: { event, attempt: 1, remaining: 'all' } }]);
    await publisher.close();
    expect(telemetry.notes.map(({ event: name }) => name)).not.toContain('events-lost');
  });

  test('is tried once more at the end of the process, and named when nothing takes it', async () => {
    const still: Clock = { ...hasty, sleep: (ms, signal) => hasty.sleep(ms >= 5_000 ? 1e9 : ms, signal) };
    let puts = 0;
    const put = async () => {
      puts += 1;
      await refuse();
    };
    const outbox = { put, flush: async () => 0, async *eventIds() {}, async *entries() {} };
    const { publisher, telemetry } = begin({ queue: { send: refuse, close: refuse }, outbox, clock: still });
    const event = usageEvent();
    await expect(publisher.publish(event)).rejects.toBeInstanceOf(NotDurableError);
    await publisher.close();
    expect(puts).toBe(2);
    expect(telemetry.notes).toContainEqual({
      event: 'events-lost',
      fields: { eventIds: event.eventId, reason: 'the process ends' },
    });
  });

  test('goes to a Service Bus that was left out because it did not answer before', async () => {
    const sent: string[] = [];
    let serves = false;
    const send = async (messages: QueueMessage[]) => {
      if (!serves) await refuse();
      sent.push(...messages.map(({ outgoing }) => outgoing.event.eventId));
    };
    let full = false;
    const put = async () => {
      if (full) await refuse();
    };
    const outbox = { put, flush: async () => 0, async *eventIds() {}, async *entries() {} };
    const { publisher } = begin({ queue: { send, close: async () => undefined }, outbox });
    expect(await publisher.publish(usageEvent())).toBe('outbox');
    expect(await publisher.publish(usageEvent())).toBe('outbox');
    serves = true;
    expect(await publisher.publish(usageEvent())).toBe('outbox');
    full = true;
    const event = usageEvent();
    expect(await publisher.publish(event)).toBe('queued');
    expect(sent).toEqual([event.eventId]);
    await publisher.close();
  });
});
