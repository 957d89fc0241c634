import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Content, parseMessage } from '../src/messages/content.ts';
import type { Change } from '../src/queue/entry.ts';
import { createLockToken } from '../src/queue/lock-token.ts';
import { Queue } from '../src/queue/queue.ts';
import type { QueueRules } from '../src/queue/queue-rules.ts';

const rules: QueueRules = {
  lockDurationMs: 30_000,
  maxDeliveryCount: 3,
  defaultTtlMs: Infinity,
  deadLetterOnExpiry: true,
  duplicateWindowMs: undefined,
  maxBytes: Infinity,
};

function queues(changes: Partial<QueueRules> = {}, record?: (name: string, change: Change) => void) {
  const make = (name: string, more: object) =>
    new Queue({
      name,
      rules: { ...rules, ...changes },
      createLockToken,
      record: (change) => record?.(name, structuredClone(change)),
      ...more,
    });
  const dead = make('dead', { rules: { ...rules, maxDeliveryCount: Infinity } });
  return { queue: make('q', { deadLetters: dead }), dead };
}

const content = (id: number, more: Partial<Content> = {}): Content => ({
  ...parseMessage(Buffer.alloc(0)),
  messageId: String(id),
  bare: Buffer.from([0x00, 0x53, 0x77, 0x52, id & 0xff]),
  ...more,
});

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      ttlMs: fc.option(fc.integer({ min: 1, max: 90_000 }), { nil: undefined }),
      delay: fc.option(fc.integer({ min: 1, max: 60_000 }), { nil: undefined }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'complete' as const,
        'abandon' as const,
        'defer' as const,
        'dead-letter' as const,
        'release' as const,
      ),
      which: fc.nat(8),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew' as const), which: fc.nat(8) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }) },
);

describe('a queue', () => {
  test('loses no message and doubles none, and can be built again from its record', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const recorded: [string, Change][] = [];
        const { queue, dead } = queues({}, (name, change) => recorded.push([name, change]));
        const tokens: string[] = [];
        const sent = new Set<string>();
        const completed = new Set<string>();
        let now = 1_000_000;
        let id = 0;
        for (const each of steps) {
          queue.tick(now);
          if (each.kind === 'send') {
            const scheduledAt = each.delay === undefined ? undefined : now + each.delay;
            queue.send(content(id, { ttlMs: each.ttlMs, scheduledAt }), now);
            sent.add(String(id++));
          } else if (each.kind === 'take') {
            const entry = queue.take(now);
            if (entry?.lock) tokens.push(entry.lock.token);
          } else if (each.kind === 'wait') {
            now += each.ms;
          } else if (each.kind === 'renew') {
            queue.renew(tokens.slice(each.which, each.which + 1), now);
          } else {
            const [token] = tokens.splice(each.which, 1);
            const held = queue.peek(0, Infinity).find((entry) => entry.lock?.token === token);
            if (token === undefined) continue;
            const settled = queue.settle(token, { kind: each.kind, properties: [] }, now);
            if (settled === 'settled' && each.kind === 'complete') completed.add(String(held?.content.messageId));
          }
        }
        const here = queue.peek(0, Infinity).map((entry) => String(entry.content.messageId));
        const there = dead.peek(0, Infinity).map((entry) => String(entry.content.messageId));
        expect([...here, ...there, ...completed].sort()).toEqual([...sent].sort());
        const counts = queue.counts();
        expect(counts.active + counts.locked + counts.scheduled + counts.deferred).toBe(here.length);

        const again = queues();
        for (const [name, change] of recorded) (name === 'q' ? again.queue : again.dead).restore(change);
        expect(again.queue.peek(0, Infinity).map((entry) => entry.content.messageId)).toEqual(here);
        expect(again.dead.peek(0, Infinity).map((entry) => entry.content.messageId)).toEqual(there);
        const short = queues();
        for (const change of queue.snapshot()) short.queue.restore(change);
        expect(short.queue.peek(0, Infinity).map(({ sequenceNumber }) => sequenceNumber)).toEqual(
          queue.peek(0, Infinity).map(({ sequenceNumber }) => sequenceNumber),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('hands out in the order of sequence numbers; what was given back takes its old place', () => {
    const { queue } = queues();
    for (let id = 0; id < 5; id++) queue.send(content(id), 0);
    const [first, second] = [queue.take(0), queue.take(0)];
    queue.settle(second?.lock?.token ?? '', { kind: 'abandon', properties: [] }, 1);
    queue.settle(first?.lock?.token ?? '', { kind: 'abandon', properties: [] }, 1);
    const order = Array.from({ length: 5 }, () => queue.take(1)?.sequenceNumber);
    expect(order).toEqual([1, 2, 3, 4, 5]);
    expect(queue.take(1)).toBeUndefined();
  });

  test('a message that was released was never delivered', () => {
    const { queue } = queues();
    queue.send(content(1), 0);
    queue.settle(queue.take(0)?.lock?.token ?? '', { kind: 'release' }, 1);
    expect(queue.take(1)?.deliveryCount).toBe(0);
  });

  test('a lock can be settled once', () => {
    const { queue } = queues();
    queue.send(content(1), 0);
    const token = queue.take(0)?.lock?.token ?? '';
    expect(queue.settle(token, { kind: 'complete' }, 1)).toBe('settled');
    expect(queue.settle(token, { kind: 'complete' }, 1)).toBe('lock-lost');
  });

  test('dead letters are not dead-lettered again, and do not run out of deliveries', () => {
    const { queue, dead } = queues({ maxDeliveryCount: 1 });
    queue.send(content(1), 0);
    queue.settle(queue.take(0)?.lock?.token ?? '', { kind: 'abandon', properties: [] }, 1);
    for (let i = 0; i < 20; i++) dead.settle(dead.take(2)?.lock?.token ?? '', { kind: 'abandon', properties: [] }, 2);
    const entry = dead.take(3);
    expect(entry?.deliveryCount).toBe(21);
    expect(dead.settle(entry?.lock?.token ?? '', { kind: 'dead-letter', properties: [] }, 3)).toBe('not-allowed');
  });

  test('memory follows what lives: a hundred thousand messages leave nothing behind', () => {
    const { queue } = queues({ defaultTtlMs: 14 * 24 * 3_600_000 });
    for (let id = 0; id < 100_000; id++) {
      queue.send(content(id), id);
      queue.settle(queue.take(id)?.lock?.token ?? '', { kind: 'complete' }, id);
    }
    expect([...queue.snapshot()]).toHaveLength(1);
    expect(JSON.stringify(queue).length).toBeLessThan(100_000);
  });
});
