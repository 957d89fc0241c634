import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { TrackedEvent } from '../../shared/events/usage-event.ts';
import { MemoryBuffer } from '../../shared/publishing/memory-buffer.ts';
import type { Clock } from '../../shared/util/clock.ts';
import { noting, usageEvent } from '../support/events.ts';

/** A thousandth of real time. */
const hasty: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => delay(ms / 1_000, undefined, signal ? { signal } : {}),
};

const ticks = async (count: number) => {
  for (let n = 0; n < count; n++) await Promise.resolve();
};

test.each(Array.from({ length: 12 }, (_, n) => n))(
  'an event that comes %i turns after the last one was stored is stored too',
  async (turns) => {
    const stored: string[] = [];
    const next = usageEvent();
    const kept: MemoryBuffer = new MemoryBuffer({
      store: async (events: TrackedEvent[]) => {
        stored.push(...events.map(({ eventId }) => eventId));
        if (stored.length === 1) void ticks(turns).then(() => kept.keep([next]));
      },
      clock: hasty,
      telemetry: noting(),
    });
    const first = usageEvent();
    kept.keep([first]);
    await vi.waitFor(() => expect(stored).toEqual([first.eventId, next.eventId]), 60_000);
  },
);

test('a place that hangs keeps nobody from closing, and what it did not take is named', async () => {
  const telemetry = noting();
  const kept = new MemoryBuffer({ store: () => new Promise(() => undefined), clock: hasty, telemetry });
  const event = usageEvent();
  kept.keep([event]);
  await kept.close(2_000);
  expect(telemetry.notes).toContainEqual({
    event: 'events-lost',
    fields: { eventIds: event.eventId, reason: 'the process ends' },
  });
});
