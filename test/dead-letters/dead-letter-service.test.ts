import { expect, test } from 'vitest';
import { createDeadLetterService } from '../../shared/dead-letters/dead-letter-service.ts';
import { createDeadLetterStore, type DeadLetter } from '../../shared/dead-letters/dead-letter-store.ts';
import { undecodableDeadLetter } from '../../shared/dead-letters/undecodable.ts';
import { firstSend, messageId } from '../../shared/events/queued-event.ts';
import type { TrackedEvent } from '../../shared/events/usage-event.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { BrokerDeadLetter } from '../../shared/service-bus/queue-browser.ts';
import type { QueueMessage } from '../../shared/service-bus/usage-queue.ts';
import { all, manualClock, received, startMs, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

class Crash extends Error {}

/** A queue with its dead letters, our tables, and a process that dies before or after any one step. */
function world(crash?: { at: number; side: 'before' | 'after' }) {
  const tables = new MemoryTables();
  const clock = manualClock();
  const queued: QueueMessage[] = [];
  const sentIds = new Set<string>();
  const given: BrokerDeadLetter[] = [];
  let steps = 0;
  let armed = false;

  async function step<T>(work: () => T | Promise<T>): Promise<T> {
    const dies = armed && crash?.at === steps++;
    if (dies && crash?.side === 'before') throw new Crash();
    const result = await work();
    if (dies) throw new Crash();
    return result;
  }

  tables.fate = () => {
    if (armed && crash?.at === steps++) return crash.side === 'before' ? 'busy' : 'lost';
    return 'answered';
  };
  const store = createDeadLetterStore(tables);
  const ledger = createLedger(tables);
  const desk = createDeadLetterService({
    store,
    ledger,
    clock,
    queue: {
      send: (messages) =>
        step(() => {
          for (const message of messages) {
            const id = message.id ?? messageId(message.outgoing);
            if (!sentIds.has(id)) queued.push(message);
            sentIds.add(id);
          }
        }),
    },
    view: {
      async *peekDeadLetters() {
        yield* given;
      },
      async takeDeadLetters(keep) {
        const taken = [...given];
        if (taken.length === 0) return 0;
        await keep(taken);
        for (const letter of taken) await step(() => given.splice(given.indexOf(letter), 1));
        return taken.length;
      },
    },
  });

  /** What ingest does with what is queued. */
  async function drain(fate: 'ingested' | 'dead'): Promise<void> {
    for (const { outgoing } of queued.splice(0)) {
      clock.nowMs += 1_000;
      if (fate === 'dead') {
        await store.put([letterFor(outgoing.event, { outgoing, atMs: clock.nowMs })]);
        continue;
      }
      const entry = { outgoing, tried: true, state: 'ingested' as const, outcome: 'accepted', atMs: clock.nowMs };
      await ledger.record([entry]);
      await store.withdraw([outgoing.event.eventId]);
    }
  }

  /** Where each id is found. */
  async function places(): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    const add = (id: string, place: string) => {
      found[id] = [...new Set([...(found[id] ?? []), place])];
    };
    for (const state of ['dead', 'discarded'] as const) {
      for (const { id } of await all(store.list({ state }))) add(id, state);
    }
    // The queue's own dead letters, by the ids under which the desk shows them.
    for (const { id } of await desk.list()) add(id, 'dead');
    for (const { outgoing } of queued) add(outgoing.event.eventId, 'queued');
    for (const { rowKey, state } of await all(ledger.since('2000-01-01'))) if (state === 'ingested') add(rowKey, state);
    return found;
  }

  return {
    desk,
    store,
    ledger,
    given,
    queued,
    clock,
    drain,
    places,
    /** From here on steps count. */
    arm: () => {
      armed = true;
    },
    disarm: () => {
      armed = false;
    },
    reached: () => crash !== undefined && steps > crash.at,
  };
}

const letterFor = (event: TrackedEvent, change: Partial<DeadLetter> = {}): DeadLetter => ({
  id: event.eventId,
  source: 'ingest',
  code: 'request_processing_error',
  reason: 'refused',
  atMs: startMs,
  state: 'dead',
  outgoing: firstSend(event),
  ...change,
});

const brokerLetter = (event: TrackedEvent): BrokerDeadLetter => ({
  ...received(firstSend(event), true),
  code: 'MaxDeliveryCountExceeded',
  reason: 'Ten times.',
  atMs: startMs,
});

const unreadable = (body: unknown, id = 'm'): BrokerDeadLetter => ({
  body,
  messageId: id,
  redelivered: true,
  properties: {},
  code: 'TTLExpiredException',
  reason: 'It expired.',
  atMs: startMs,
});

const crashes = Array.from({ length: 24 }, (_, at) =>
  (['before', 'after'] as const).map((side) => ({ at, side })),
).flat();

test.each(['replay', 'discard'] as const)(
  '%s: a death before or after any step leaves each message somewhere, and doing it again ends it',
  async (verb) => {
    let reached = 0;
    for (const crash of crashes) {
      const { desk, store, given, drain, places, arm, disarm, reached: wasReached } = world(crash);
      const [ours, theirs] = [usageEvent(), usageEvent()];
      await store.put([letterFor(ours)]);
      given.push(brokerLetter(theirs), unreadable('no { event'));
      const ids = Object.keys(await places());
      expect(ids).toHaveLength(3);
      arm();
      const act = () => (verb === 'replay' ? desk.replay({}) : desk.discard({}, 'a test'));
      const died = await act().then(
        () => false,
        () => true,
      );
      disarm();
      if (wasReached()) {
        reached += 1;
        expect(died).toBe(true);
      }
      const after = await places();
      for (const id of ids) expect(after[id], `${id} after ${crash.side} ${crash.at}`).toBeDefined();
      await act();
      await drain('ingested');
      const end = Object.values(await places());
      expect(end.every((where) => where.length === 1)).toBe(true);
      expect(end.flat().sort()).toEqual(
        verb === 'replay' ? ['dead', 'ingested', 'ingested'] : ['discarded', 'discarded', 'discarded'],
      );
      expect(given).toEqual([]);
    }
    expect(reached).toBeGreaterThan(10);
  },
);

test('what was dealt with stays so when an older copy comes back from the queue', async () => {
  const { desk, given, queued, drain, places } = world();
  const [replayed, discarded] = [usageEvent(), usageEvent()];
  given.push(brokerLetter(replayed), brokerLetter(discarded), unreadable('x'));
  await desk.discard({ ids: [discarded.eventId] }, 'a test');
  await desk.discard({ ids: (await desk.list()).filter(({ outgoing }) => !outgoing).map(({ id }) => id) }, 'no event');
  await desk.replay({});
  // As when a process that held them died before the queue forgot them.
  given.push(brokerLetter(replayed), brokerLetter(discarded), unreadable('x'));
  expect(await desk.list()).toEqual([]);
  await desk.adopt();
  expect(await desk.list()).toEqual([]);
  expect(await desk.replay({})).toMatchObject({ letters: [] });
  expect(queued).toHaveLength(1);
  await drain('ingested');
  expect(
    Object.values(await places())
      .flat()
      .sort(),
  ).toEqual(['discarded', 'discarded', 'ingested']);
});

test('a replay is sent though a message of that attempt went through the queue before', async () => {
  const { desk, store, queued, drain, places } = world();
  const event = usageEvent();
  await store.put([letterFor(event, { outgoing: { ...firstSend(event), attempt: 1 } })]);
  await desk.replay({});
  await drain('dead');
  // A copy that was locked all the while is given up last, with its lower attempt.
  await store.put([letterFor(event, { outgoing: { ...firstSend(event), attempt: 1 }, atMs: startMs + 300_000 })]);
  await desk.replay({});
  expect(queued).toHaveLength(1);
  await drain('ingested');
  expect(await places()).toEqual({ [event.eventId]: ['ingested'] });
});

test('a replay that is refused again is a dead letter again, and can be replayed again', async () => {
  const { desk, store, drain, places } = world();
  const event = usageEvent();
  await store.put([letterFor(event)]);
  for (let n = 0; n < 3; n++) {
    expect(await desk.replay({ ids: [event.eventId] })).toMatchObject({ letters: [{ state: 'replayed' }] });
    await drain('dead');
    expect(await places()).toEqual({ [event.eventId]: ['dead'] });
  }
  await desk.replay({});
  await drain('ingested');
  expect(await places()).toEqual({ [event.eventId]: ['ingested'] });
});

test('messages that are not events are kept one by one, whatever their ids say, with their own text', async () => {
  const { desk, given } = world();
  given.push(unreadable(Buffer.from('not { json'), 'same'), unreadable('another', 'same'), unreadable({ a: 1 }, ''));
  await desk.adopt();
  const letters = await desk.list();
  expect(letters.map(({ text }) => text).sort()).toEqual(['another', 'not { json', '{"a":1}']);
  expect(new Set(letters.map(({ id }) => id)).size).toBe(3);
  for (const { id, text } of letters) expect(await desk.show(id)).toMatchObject({ id, text });
});

test('large letters are kept in transactions that Table Storage takes', async () => {
  const { desk, given } = world();
  for (let n = 0; n < 40; n++) given.push(unreadable(`${n}`.padEnd(200_000, 'x'), `m${n}`));
  await desk.adopt();
  expect(await desk.list()).toHaveLength(40);
});

test('by code, by use case, by id', async () => {
  const { desk, store, given, drain } = world();
  const [a, b, c] = [usageEvent(), usageEvent(), usageEvent({ useCase: { name: 'judge', id: 'j', version: 1 } })];
  await store.put([letterFor(a), letterFor(c)]);
  given.push(brokerLetter(b));
  expect((await desk.list({ code: 'MaxDeliveryCountExceeded' })).map(({ id }) => id)).toEqual([b.eventId]);
  expect((await desk.list({ useCaseName: 'judge' })).map(({ id }) => id)).toEqual([c.eventId]);
  expect((await desk.list({ ids: [a.eventId] })).map(({ id }) => id)).toEqual([a.eventId]);
  expect((await desk.replay({ useCaseName: 'judge' })).letters.map(({ id }) => id)).toEqual([c.eventId]);
  expect((await desk.discard({ code: 'MaxDeliveryCountExceeded' }, 'why')).letters).toMatchObject([
    { id: b.eventId, note: expect.stringContaining('why') },
  ]);
  await drain('ingested');
  expect((await desk.list()).map(({ id }) => id)).toEqual([a.eventId]);
  expect((await desk.list({ state: 'discarded' })).map(({ id }) => id)).toEqual([b.eventId]);
  await expect(desk.show('nothing')).rejects.toMatchObject({ code: 'dead_letter_not_found', status: 404 });
});

test('a letter that an older release could not read is sent again by one that can, and Pay-i is asked first', async () => {
  const { desk, store, queued } = world();
  const event = usageEvent();
  const why = { source: 'ingest', code: 'undecodable', reason: 'x', atMs: startMs } as const;
  const unread = undecodableDeadLetter({ messageId: event.eventId, body: event }, why);
  const other = undecodableDeadLetter({ messageId: 'other', body: 'no event' }, why);
  await store.put([unread, other]);
  const { letters, skipped } = await desk.replay({});
  expect({ ids: letters.map(({ id }) => id), skipped }).toEqual({ ids: [unread.id], skipped: 1 });
  expect(queued.map(({ outgoing }) => outgoing)).toEqual([{ event, attempt: 2, remaining: 'all' }]);
  expect(await store.find(unread.id)).toMatchObject({ state: 'replayed', text: JSON.stringify(event) });
  expect((await desk.list()).map(({ id }) => id)).toEqual([other.id]);
  expect((await desk.replay({})).letters).toEqual([]);
});
