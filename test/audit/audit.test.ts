import { expect, test } from 'vitest';
import { audit } from '../../shared/audit/audit.ts';
import { listWaiting } from '../../shared/audit/waiting.ts';
import { createDeadLetterStore } from '../../shared/dead-letters/dead-letter-store.ts';
import { firstSend, messageId } from '../../shared/events/queued-event.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { createPublishedEvents } from '../../shared/ledger/published-events.ts';
import { createOutbox } from '../../shared/publishing/outbox.ts';
import type { PeekedMessage } from '../../shared/service-bus/queue-browser.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { manualClock, noting, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

const midnight = Date.parse('2026-11-23T00:00:00Z');

function begin() {
  const tables = new MemoryTables();
  const clock = manualClock(midnight);
  const queued: PeekedMessage[] = [];
  const deadLetters = createDeadLetterStore(tables);
  const parts = {
    register: createPublishedEvents(tables, clock, noting()),
    outbox: createOutbox(tables, deadLetters, clock),
    ledger: createLedger(tables),
    deadLetters,
    view: {
      async *messages() {
        yield* queued;
      },
      async *peekDeadLetters() {},
    },
    clock,
  };
  const eventAt = (ms: number) => usageEvent({ eventId: uuidV7(ms) });
  const ingested = (event: ReturnType<typeof eventAt>) =>
    parts.ledger.record([
      { outgoing: firstSend(event), tried: false, state: 'ingested', outcome: 'accepted', atMs: clock.now() },
    ]);
  return { ...parts, queued, eventAt, ingested, look: (days: number) => audit(parts, days) };
}

test('an event of a call that began before midnight and was published after it is not missing', async () => {
  const { register, clock, eventAt, ingested, look } = begin();
  const [over, before] = [eventAt(midnight - 10_000), eventAt(midnight - 9_000)];
  clock.nowMs = midnight - 8_000;
  await register.add([before.eventId]);
  clock.nowMs = midnight + 5_000;
  await register.add([over.eventId]);
  await ingested(over);
  await ingested(before);
  clock.nowMs = midnight + 24 * 3_600_000;
  expect(await look(1)).toMatchObject({ ok: true, missing: [], states: { ingested: 1 } });
  expect(await look(2)).toMatchObject({ ok: true, missing: [], states: { ingested: 2 } });
});

test('an event of a batch that was made days before it was published is not missing', async () => {
  const { register, clock, eventAt, ingested, look } = begin();
  const event = eventAt(midnight - 3 * 24 * 3_600_000);
  clock.nowMs = midnight + 5_000;
  await register.add([event.eventId, 'of another form']);
  await ingested(event);
  expect(await look(1)).toMatchObject({ missing: ['of another form'], states: { ingested: 1 } });
});

test('each state is counted; an event that moves while it is looked for is neither lost nor doubled', async () => {
  const { register, outbox, deadLetters, queued, eventAt, ingested, look, view } = begin();
  const events = Array.from({ length: 6 }, (_, n) => eventAt(midnight + n * 1_000));
  const [inOutbox, inQueue, waiting, done, dead, unwanted] = events as [
    ReturnType<typeof eventAt>,
    ReturnType<typeof eventAt>,
    ReturnType<typeof eventAt>,
    ReturnType<typeof eventAt>,
    ReturnType<typeof eventAt>,
    ReturnType<typeof eventAt>,
  ];
  await register.add(events.map(({ eventId }) => eventId));
  await outbox.put([{ outgoing: firstSend(inOutbox), messageId: messageId({ event: inOutbox, attempt: 0 }) }]);
  const peeked = { kind: 'usage', useCaseName: 'trail_search', body: {}, sinceMs: midnight } as const;
  queued.push({ ...peeked, eventId: inQueue.eventId, state: 'queued' });
  queued.push({ ...peeked, eventId: waiting.eventId, state: 'waiting' });
  await ingested(done);
  const letter = { source: 'ingest', code: 'c', reason: 'r', atMs: midnight, state: 'dead' } as const;
  await deadLetters.put([
    { ...letter, id: dead.eventId, outgoing: firstSend(dead) },
    { ...letter, id: unwanted.eventId, outgoing: firstSend(unwanted), state: 'discarded' },
  ]);
  const states = { outbox: 1, queued: 1, waiting: 1, ingested: 1, deadLettered: 1, discarded: 1 };
  expect(await look(1)).toEqual({ ok: true, states, missing: [], doubled: [] });
  // Ingested between the look into the queue and the one into the ledger: seen twice at first.
  let looks = 0;
  view.messages = async function* () {
    yield* queued;
    if (looks++ > 0) return;
    queued.shift();
    await ingested(inQueue);
  };
  expect(await look(1)).toMatchObject({ ok: true, states: { queued: 0, ingested: 2 }, doubled: [] });
});

test('what waits is listed with since when and why, in groups, the oldest first', async () => {
  const { outbox, deadLetters, queued, eventAt, ledger, view, clock } = begin();
  const [stored, putOff, dead] = [eventAt(midnight + 60_000), eventAt(midnight), eventAt(midnight)];
  const list = () => listWaiting({ outbox, view, ledger, deadLetters, clock });
  expect(await list()).toEqual({ at: '2026-11-23T00:00:00.000Z', groups: [], complete: true });
  await outbox.put([{ outgoing: firstSend(stored), messageId: messageId({ event: stored, attempt: 0 }) }]);
  const score = {
    kind: 'kpi',
    useCaseName: 'trail_finder',
    body: {},
    sinceMs: midnight - 5_000,
    state: 'waiting',
  } as const;
  queued.push({ ...score, eventId: putOff.eventId });
  queued.push({ ...score, eventId: putOff.eventId, sinceMs: midnight - 9_000 });
  queued.push({ ...score, eventId: uuidV7(midnight), state: 'queued', sinceMs: midnight + 1_000 });
  for (const [attempt, outcome] of ['transient status_503', 'transient use_case_not_found'].entries())
    await ledger.record([
      {
        outgoing: { event: putOff, attempt, remaining: 'all' },
        tried: true,
        state: 'waiting',
        outcome,
        atMs: midnight + attempt,
      },
    ]);
  const letter = { source: 'ingest', reason: 'r', state: 'dead' } as const;
  await deadLetters.put([
    { ...letter, id: dead.eventId, outgoing: firstSend(dead), code: 'invalid_kpi', atMs: midnight + 3_000 },
    { ...letter, id: 'text', text: 'x', code: 'undecodable', atMs: midnight + 4_000 },
    { ...letter, id: 'unwanted', text: 'x', code: 'undecodable', atMs: midnight, state: 'discarded' },
  ]);
  expect((await list()).groups).toEqual([
    {
      place: 'retry',
      kind: 'kpi',
      useCaseName: 'trail_finder',
      why: 'use_case_not_found',
      events: 2,
      since: '2026-11-22T23:59:51.000Z',
    },
    {
      place: 'queue',
      kind: 'kpi',
      useCaseName: 'trail_finder',
      why: null,
      events: 1,
      since: '2026-11-23T00:00:01.000Z',
    },
    {
      place: 'deadLetters',
      kind: 'usage',
      useCaseName: 'trail_search',
      why: 'invalid_kpi',
      events: 1,
      since: '2026-11-23T00:00:03.000Z',
    },
    {
      place: 'deadLetters',
      kind: 'unknown',
      useCaseName: null,
      why: 'undecodable',
      events: 1,
      since: '2026-11-23T00:00:04.000Z',
    },
    {
      place: 'outbox',
      kind: 'usage',
      useCaseName: 'trail_search',
      why: 'service_bus_unavailable',
      events: 1,
      since: '2026-11-23T00:01:00.000Z',
    },
  ]);
});
