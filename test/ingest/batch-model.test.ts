import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conservation } from '../../shared/audit/conservation.ts';
import { createDeadLetterService } from '../../shared/dead-letters/dead-letter-service.ts';
import { createDeadLetterStore } from '../../shared/dead-letters/dead-letter-store.ts';
import { firstSend, messageId, type QueuedEvent } from '../../shared/events/queued-event.ts';
import { ingestBatch } from '../../shared/ingest/ingest-batch.ts';
import { createKpiScores } from '../../shared/ingest/kpi-scores.ts';
import { createPayiIngester } from '../../shared/ingest/payi-ingester.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { PayiClient } from '../../shared/payi/client.ts';
import type { IngestItem } from '../../shared/payi/ingest/item.ts';
import { PayiError } from '../../shared/payi/transport/error.ts';
import { createOutbox } from '../../shared/publishing/outbox.ts';
import type { BrokerDeadLetter } from '../../shared/service-bus/queue-browser.ts';
import type { QueueMessage } from '../../shared/service-bus/usage-queue.ts';
import { createCircuitBreaker } from '../../shared/util/circuit-breaker.ts';
import { all, manualClock, noting, received, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

/**
 * A model of all that surrounds a batch: a queue with locks, duplicate detection and schedules; a Pay-i that charges an
 * item once for each time it takes it as new, fails before or after its work, or refuses single items; tables that are
 * busy or lose their answers; a queue that gives up on what was delivered too often; an operator who replays and discards
 * dead letters; and a process that dies between any two steps. When the faults end and the rest is replayed, every event
 * must be charged exactly once and have its score, or be discarded.
 */

type Fault =
  | 'none'
  | 'refuse-item'
  | 'busy'
  | 'lost-before'
  | 'lost-after'
  | 'table-busy'
  | 'table-lost'
  | 'queue-lost'
  | 'queue-busy';
const faults: Fault[] = [
  'none',
  'refuse-item',
  'busy',
  'lost-before',
  'lost-after',
  'table-busy',
  'table-lost',
  'queue-lost',
  'queue-busy',
];
const steps = ['decoded', 'ingested', 'kpis-recorded', 'dead-lettered', 'recorded', 'put-off'];

interface Round {
  fault: Fault;
  crashAt: string | undefined;
  /** Whether the fault hits the n-th call of the round. */
  hits: boolean[];
  take: number;
  /** What the operator does before the batch. */
  desk: 'nothing' | 'adopt' | 'replay' | 'discard';
}

const calm: Round = { fault: 'none', crashAt: undefined, hits: [true], take: 100, desk: 'nothing' };
/** The queue gives up on a message that was delivered so often. */
const MAX_DELIVERIES = 3;

class Crash extends Error {}

const round: fc.Arbitrary<Round> = fc.record({
  fault: fc.constantFrom(...faults),
  crashAt: fc.option(fc.constantFrom(...steps), { nil: undefined, freq: 2 }),
  hits: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
  take: fc.integer({ min: 1, max: 6 }),
  desk: fc.constantFrom('nothing', 'nothing', 'adopt', 'replay', 'discard'),
});

/** How long duplicate detection remembers an id: not from one round to the next, or for ever. */
const windows = fc.constantFrom(600_000, Number.POSITIVE_INFINITY);

test.each(['bulk-upsert', 'bulk', 'single'] as const)(
  '%s: under random faults and crashes each event is charged once and scored, or discarded',
  async (mode) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(round, { maxLength: 12 }),
        fc.integer({ min: 1, max: 8 }),
        windows,
        async (rounds, count, windowMs) => {
          const world = createWorld(mode, windowMs);
          const events = Array.from({ length: count }, (_, n) =>
            usageEvent(n % 2 === 0 ? { kpis: [{ name: 'rating', score: n }] } : {}),
          );
          for (const event of events) world.enqueue({ outgoing: firstSend(event) });
          for (const one of rounds) await world.play(one);
          await world.rest();
          await world.play({ ...calm, desk: 'replay' });
          await world.rest();
          const states = await world.states();
          const found = conservation({ ...states, registered: events.map(({ eventId }) => eventId) });
          expect(found.missing).toEqual([]);
          expect(found.doubled).toEqual([]);
          expect(found.states.ingested + found.states.deadLettered + found.states.discarded).toBe(count);
          for (const { providerResponseId, eventId, useCase, kpis } of events) {
            const charges = world.charges(providerResponseId);
            // What was discarded may have been charged before: Pay-i gave no answer, and someone gave up.
            if (states.ingested.includes(eventId)) {
              expect(charges).toBe(1);
              expect(world.score(useCase.id)).toBe(kpis[0]?.score);
            } else expect(charges).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 200 },
    );
  },
);

function createWorld(mode: 'bulk-upsert' | 'bulk' | 'single', windowMs: number) {
  const clock = manualClock();
  const tables = new MemoryTables();
  const queued: { message: QueueMessage; deliveries: number }[] = [];
  const given: BrokerDeadLetter[] = [];
  const knownIds = new Map<string, number>();
  const charged = new Map<string, number>();
  const scores = new Map<string, number>();
  let now = calm;
  let calls = 0;
  const meets = (...wanted: Fault[]): boolean =>
    wanted.includes(now.fault) && now.hits[calls++ % now.hits.length] === true;

  function enqueue(message: QueueMessage): void {
    const id = message.id ?? messageId(message.outgoing);
    if (clock.now() - (knownIds.get(id) ?? Number.NEGATIVE_INFINITY) < windowMs) return;
    knownIds.set(id, clock.now());
    queued.push({ message, deliveries: 0 });
  }

  const lost = (kind: 'uncertain' | 'unavailable') => new PayiError({ kind, request: 'POST', reason: 'injected' });
  function take(items: readonly IngestItem[], upsert: boolean) {
    if (meets('busy')) throw lost('unavailable');
    if (now.fault === 'lost-before' && meets('lost-before')) throw lost('uncertain');
    const refused = now.fault === 'refuse-item' && meets('refuse-item') ? 0 : -1;
    for (const [place, { provider_response_id: id = '' }] of items.entries()) {
      if (place === refused && !charged.has(id)) continue;
      charged.set(id, upsert ? 1 : (charged.get(id) ?? 0) + 1);
    }
    if (now.fault === 'lost-after' && meets('lost-after')) throw lost('uncertain');
    const first = items[0]?.provider_response_id ?? '';
    const errors =
      refused === 0 && !charged.has(first)
        ? [{ item_index: 0, xproxy_result: { statusCode: 400, xproxy_error: { code: 'blocking_limit_not_allowed' } } }]
        : [];
    return { ingest_count: items.length - errors.length, errors };
  }

  const payi = {
    ingest: {
      bulk: async (items: readonly IngestItem[]) => take(items, false),
      bulkUpsert: async (items: readonly IngestItem[]) => take(items, true),
      single: async (item: IngestItem) => {
        if (take([item], false).errors.length > 0) {
          throw new PayiError({
            kind: 'rejected',
            request: 'POST',
            reason: 'no',
            payiStatus: 400,
            payiCode: 'blocking_limit_not_allowed',
          });
        }
        return { request_id: 'r', xproxy_result: {} };
      },
    },
    requests: {
      byProvider: async (_: string, id: string) => {
        if (meets('busy')) throw lost('unavailable');
        return charged.has(id) ? {} : undefined;
      },
    },
    kpis: {
      score: async (_: string, instance: string, _kpi: string, value: number) => {
        if (meets('busy')) throw lost('unavailable');
        if (now.fault === 'lost-before' && meets('lost-before')) throw lost('uncertain');
        scores.set(instance, value);
        if (now.fault === 'lost-after' && meets('lost-after')) throw lost('uncertain');
      },
    },
  } as unknown as PayiClient;

  const queue = {
    send: async (messages: QueueMessage[]) => {
      if (meets('queue-busy')) throw new Error('busy');
      for (const message of messages) enqueue(message);
      if (now.fault === 'queue-lost' && meets('queue-lost')) throw new Error('lost');
    },
    close: async () => undefined,
  };
  tables.fate = () =>
    meets('table-busy') ? 'busy' : now.fault === 'table-lost' && meets('table-lost') ? 'lost' : 'answered';

  const ledger = createLedger(tables);
  const deadLetters = createDeadLetterStore(tables);
  const outbox = createOutbox(tables, deadLetters, clock);
  const telemetry = noting();
  const desk = createDeadLetterService({
    store: deadLetters,
    ledger,
    queue,
    clock,
    view: {
      async *peekDeadLetters() {
        yield* given;
      },
      async takeDeadLetters(keep) {
        const taken = [...given];
        if (taken.length > 0) await keep(taken);
        for (const letter of taken) {
          // One that could not be completed comes again.
          if (meets('queue-busy')) throw new Error('busy');
          given.splice(given.indexOf(letter), 1);
        }
        return taken.length;
      },
    },
  });

  async function operate(action: Round['desk']): Promise<void> {
    if (action === 'adopt') await desk.adopt();
    if (action === 'replay') await desk.replay({});
    if (action !== 'discard') return;
    const [letter] = await desk.list();
    if (letter) await desk.discard({ ids: [letter.id] }, 'the model says so');
  }

  /** What was delivered too often and is not locked any more. */
  function giveUp(): void {
    for (const one of queued.filter(({ deliveries }) => deliveries >= MAX_DELIVERIES)) {
      queued.splice(queued.indexOf(one), 1);
      const { outgoing } = one.message;
      given.push({ ...received(outgoing, true), code: 'MaxDeliveryCountExceeded', reason: 'often', atMs: clock.now() });
    }
  }

  async function play(next: Round): Promise<void> {
    now = next;
    calls = 0;
    clock.nowMs += 20 * 60_000;
    giveUp();
    await outbox.flush(queue).catch(() => undefined);
    await operate(next.desk).catch(() => undefined);
    const due = queued.filter(({ message }) => (message.outgoing.dueAtMs ?? 0) <= clock.nowMs).slice(0, next.take);
    const messages = due.map((one) => received(one.message.outgoing, one.deliveries > 0));
    for (const one of due) one.deliveries += 1;
    const breaker = createCircuitBreaker({ threshold: 3, pauseMs: 1_000 });
    const sink = createPayiIngester({
      payi,
      mode,
      maxItems: 3,
      maxBytes: 1e6,
      report: () => undefined,
      clock,
      telemetry,
    });
    try {
      await ingestBatch(messages, {
        sink,
        kpis: createKpiScores(tables, payi),
        queue,
        outbox,
        ledger,
        deadLetters,
        breaker,
        ensureLimits: async () => undefined,
        refreshLimits: () => undefined,
        clock,
        random: () => 0.5,
        telemetry,
        step: (name) => {
          if (name === next.crashAt) throw new Crash();
        },
      });
      for (const one of due) queued.splice(queued.indexOf(one), 1);
    } catch {
      // A crash or a failed batch: the host delivers all of it again.
    }
    now = calm;
  }

  const outgoings = (): QueuedEvent[] => queued.map(({ message }) => message.outgoing);
  return {
    enqueue,
    play,
    charges: (id: string) => charged.get(id) ?? 0,
    score: (instance: string) => scores.get(instance),
    /** Until nothing is on its way any more. */
    async rest(): Promise<void> {
      for (let n = 0; n < 40; n++) {
        await play(calm);
        if (queued.length === 0 && (await all(outbox.eventIds())).length === 0) return;
      }
    },
    states: async () => ({
      outbox: await all(outbox.eventIds()),
      queued: outgoings()
        .filter(({ attempt }) => attempt === 0)
        .map(({ event }) => event.eventId),
      waiting: outgoings()
        .filter(({ attempt }) => attempt > 0)
        .map(({ event }) => event.eventId),
      ingested: (await all(ledger.since('2000-01-01')))
        .filter(({ state }) => state === 'ingested')
        .map(({ rowKey }) => rowKey),
      deadLettered: [...(await all(deadLetters.list())), ...(await desk.list())].map(({ id }) => id),
      discarded: (await all(deadLetters.list({ state: 'discarded' }))).map(({ id }) => id),
    }),
  };
}
