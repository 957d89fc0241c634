import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Clock } from '../../shared/clock.ts';
import { createPublisher, type PublisherOptions } from '../../shared/delivery/create-publisher.ts';
import type { OutboxEntry } from '../../shared/delivery/outbox.ts';
import { noting, usageEvent } from './samples.ts';

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
    },
    register: { add: async () => undefined, async *since() {}, prune: async () => 0 },
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
  const { publisher, stored, telemetry } = begin({ register: { add: never, async *since() {}, prune: async () => 0 } });
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
