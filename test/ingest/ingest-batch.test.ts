import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type PayiStandin, startPayi } from '../../infra/local/payi/src/server.ts';
import { settingsSchema } from '../../shared/config/settings.ts';
import { createDeadLetterStore } from '../../shared/dead-letters/dead-letter-store.ts';
import { firstSend, type QueuedEvent } from '../../shared/events/queued-event.ts';
import type { TrackedEvent } from '../../shared/events/usage-event.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import type { QueueMessage } from '../../shared/service-bus/usage-queue.ts';
import { startDelivery } from '../support/delivery.ts';
import { all, kpiEvent, manualClock, noting, received, startMs, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

const UNUSED = 'Endpoint=sb://127.0.0.1;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true';

let payi: PayiStandin;
beforeAll(async () => {
  payi = await startPayi({ clock: manualClock() });
});
afterAll(() => payi.close());
beforeEach(() => payi.reset());

function begin(settings: Record<string, string> = {}) {
  const tables = new MemoryTables();
  const clock = manualClock();
  const telemetry = noting();
  const sent: QueueMessage[] = [];
  const queue = {
    fails: false,
    close: async () => undefined,
    send: async (messages: QueueMessage[]) => send(messages),
  };
  const send = (messages: QueueMessage[]) => {
    if (queue.fails) throw new Error('the queue takes nothing');
    sent.push(...messages);
  };
  const refreshed: [string, bigint][] = [];
  const client = createPayiClient({ baseUrl: payi.url, apiKey: 'key', timeoutMs: 2_000 });
  const delivery = startDelivery({
    settings: settingsSchema.parse({ ServiceBusConnection: UNUSED, ...settings }),
    tables,
    payi: client,
    ensureLimits: async () => undefined,
    refreshLimits: (reported) => void refreshed.push(...reported),
    clock,
    telemetry,
    queue,
    random: () => 0.5,
  });
  const ingest = (events: TrackedEvent[]) => delivery.ingest(events.map((event) => received(firstSend(event))));
  const again = (messages: QueuedEvent[]) => delivery.ingest(messages.map((outgoing) => received(outgoing)));
  const put = () => sent.splice(0).map(({ outgoing }) => outgoing);
  const letters = () => all(createDeadLetterStore(tables).list());
  return { delivery, client, tables, clock, telemetry, queue, refreshed, ingest, again, put, letters };
}

const events = (count: number) => Array.from({ length: count }, () => usageEvent());

test('a batch goes in one call, each event into the ledger', async () => {
  const { delivery, ingest, put } = begin();
  const batch = events(150);
  expect(await ingest(batch)).toEqual({ ingested: 150, duplicates: 0, putOff: 0, deadLettered: 0 });
  expect(payi.inspect.summary()).toMatchObject({ events: 150, accepted: 150, doubledEvents: 0 });
  expect(Object.values(payi.inspect.summary().requests).reduce((a, b) => a + b)).toBe(1);
  expect(put()).toEqual([]);
  const row = await delivery.ledger.get(batch[0]?.eventId ?? '');
  expect(row).toMatchObject({ state: 'ingested', attempts: 1, userId: 'u1', estimatedCost: 1_560_000n });
  expect(row?.['attempt0']).toMatch(/Z accepted$/);
});

test('where Pay-i prices a call in another way, that is said with the modifier that explains it', async () => {
  const { ingest, telemetry } = begin({ PAYI_INGEST_MODE: 'single' });
  await ingest([usageEvent(), usageEvent({ requestProperties: { price_modifiers: 'us' } })]);
  const said = telemetry.notes.filter(({ event }) => event === 'price-differs').map(({ fields }) => fields);
  expect(said).toMatchObject([
    { model: 'claude-sonnet-5-5', side: 'input', modifiers: 'us', share: expect.closeTo(-1 / 11, 6) },
    { model: 'claude-sonnet-5-5', side: 'output', modifiers: 'us', share: expect.closeTo(-1 / 11, 6) },
  ]);
  expect([...payi.inspect.events()].map(({ item }) => item)).toContainEqual(
    expect.objectContaining({ scope: 'datazone.us' }),
  );
});

test('an account without bulk-upsert, or without bulk, is served the next way, and that is said once', async () => {
  const { ingest, telemetry } = begin();
  payi.faults.add({ path: '/ingest/bulk-upsert', status: 404, answer: 'empty' });
  payi.faults.add({ path: '/ingest/bulk', status: 404, answer: 'empty' });
  await ingest(events(3));
  const report = await ingest(events(3));
  expect(report.ingested).toBe(3);
  expect(payi.inspect.summary().events).toBe(6);
  expect(telemetry.notes.filter(({ event }) => event === 'payi-ingest-mode').map(({ fields }) => fields['to'])).toEqual(
    ['bulk', 'single'],
  );
});

test('a gateway that answers 404 for a while costs the better way for ten minutes, not for ever', async () => {
  const { ingest, telemetry, clock } = begin();
  const ways = () =>
    telemetry.notes.filter(({ event }) => event === 'payi-ingest-mode').map(({ fields }) => fields['to']);
  payi.faults.add({ path: '/ingest/bulk-upsert', status: 404, answer: 'empty', times: 2 });
  await ingest(events(1));
  clock.nowMs += 9 * 60_000;
  await ingest(events(1));
  clock.nowMs += 61_000;
  await ingest(events(1));
  expect(ways()).toEqual(['bulk']);
  clock.nowMs += 10 * 60_000;
  expect(await ingest(events(1))).toMatchObject({ ingested: 1 });
  expect(ways()).toEqual(['bulk', 'bulk-upsert']);
  expect(payi.inspect.summary()).toMatchObject({ events: 4, duplicates: 0 });
});

test.each(['bulk-upsert', 'bulk', 'single'])(
  '%s: taken without an answer, then tried again: once at Pay-i',
  async (mode) => {
    const { ingest, again, put } = begin({ PAYI_INGEST_MODE: mode });
    payi.faults.add({ method: 'POST', path: '/ingest*', dropAfterAccept: true, times: mode === 'single' ? 2 : 1 });
    const batch = events(2);
    expect(await ingest(batch)).toMatchObject({ ingested: 0, putOff: 2 });
    const later = put();
    expect(later.map(({ attempt, remaining }) => ({ attempt, remaining }))).toEqual([
      { attempt: 1, remaining: 'all' },
      { attempt: 1, remaining: 'all' },
    ]);
    expect(await again(later)).toMatchObject({ ingested: 2, putOff: 0 });
    expect(payi.inspect.summary()).toMatchObject({ events: 2, duplicates: 0 });
  },
);

test('one bad item goes to the dead letters, transient ones into the queue, the rest is ingested', async () => {
  const { delivery, ingest, put, letters } = begin();
  const batch = events(10);
  const [bad, busy] = batch;
  payi.faults.add({
    path: '/ingest/bulk-upsert',
    times: 1,
    partialErrors: { responseIds: [bad?.providerResponseId ?? ''], code: 'blocking_limit_not_allowed' },
  });
  await ingest([bad as TrackedEvent]);
  payi.faults.clear();
  payi.faults.add({
    path: '/ingest/bulk-upsert',
    partialErrors: { responseIds: [busy?.providerResponseId ?? ''], status: 503, code: 'unexpected_error' },
  });
  expect(await ingest(batch.slice(1))).toMatchObject({ ingested: 8, putOff: 1 });
  expect(put().map(({ event }) => event.eventId)).toEqual([busy?.eventId]);
  expect(await letters()).toMatchObject([
    { id: bad?.eventId, code: 'blocking_limit_not_allowed', outgoing: { event: bad } },
  ]);
  expect(await delivery.ledger.get(busy?.eventId ?? '')).toMatchObject({ state: 'waiting' });
  expect(await delivery.ledger.get(bad?.eventId ?? '')).toMatchObject({ state: 'deadLettered' });
});

test('a bulk that is refused as a whole is halved until the bad one stands alone', async () => {
  const { ingest, letters } = begin({ PAYI_INGEST_MODE: 'bulk' });
  const batch = events(8);
  payi.faults.add({ path: '/ingest/bulk', status: 400, code: 'invalid_json', times: 4 });
  const report = await ingest(batch);
  expect(report).toMatchObject({ ingested: 7, deadLettered: 1 });
  expect(payi.inspect.summary().events).toBe(7);
  expect(await letters()).toMatchObject([{ id: batch[0]?.eventId, code: 'invalid_json' }]);
});

test('Pay-i’s wish to be asked again wins over its status, and says when', async () => {
  const { ingest, put, clock } = begin();
  const headers = { 'x-should-retry': 'true', 'retry-after-ms': '90000' };
  payi.faults.add({ path: '/ingest*', status: 400, code: 'request_processing_error', headers, times: 1 });
  expect(await ingest(events(3))).toMatchObject({ putOff: 3, deadLettered: 0 });
  const later = put();
  expect(later).toHaveLength(3);
  for (const { dueAtMs = 0 } of later) expect(dueAtMs).toBeGreaterThanOrEqual(clock.now() + 90_000);
});

test('batches keep to the bytes that they may have, whatever the script', async () => {
  const { ingest } = begin({ PAYI_BATCH_BYTES: '20000' });
  const sizes: number[] = [];
  const kanji = { requestProperties: { note: '山'.repeat(1_500) } };
  const batch = Array.from({ length: 12 }, () => usageEvent(kanji));
  expect(await ingest(batch)).toMatchObject({ ingested: 12 });
  // 4.5 kB of text each: three fit, with what is said beside it.
  for (const [request, count] of Object.entries(payi.inspect.summary().requests))
    sizes.push(request.includes('bulk') ? count : 0);
  expect(sizes.reduce((a, b) => a + b)).toBe(4);
});

test('what is not an event goes to the dead letters whole and holds up nobody', async () => {
  const { delivery, letters } = begin();
  const good = usageEvent();
  const messages = [
    { body: 'not { json', messageId: 'a', redelivered: false, properties: {} },
    { body: { ...good, prompt: 'secret' }, messageId: 'b', redelivered: false, properties: {} },
    received(firstSend(good)),
    received(firstSend(good)),
  ];
  expect(await delivery.ingest(messages)).toMatchObject({ ingested: 1, deadLettered: 2 });
  expect((await letters()).map(({ id, code, text }) => ({ id, code, text }))).toEqual([
    { id: expect.stringMatching(/^message-a-/), code: 'undecodable', text: 'not { json' },
    {
      id: expect.stringMatching(/^message-b-/),
      code: 'undecodable',
      text: JSON.stringify({ ...good, prompt: 'secret' }),
    },
  ]);
});

test('while Pay-i is down the breaker puts batches off without a call, then lets one go first', async () => {
  const { ingest, again, put, clock } = begin();
  payi.faults.add({ status: 503, retryAfter: 60 });
  for (let n = 0; n < 3; n++) await ingest(events(1));
  const before = payi.inspect.summary().faultsMet;
  expect(await ingest(events(5))).toMatchObject({ putOff: 5 });
  expect(payi.inspect.summary().faultsMet).toBe(before);
  const later = put();
  expect(later).toHaveLength(8);
  expect(later.every(({ dueAtMs = 0 }) => dueAtMs >= clock.now() + 60_000)).toBe(true);
  payi.faults.clear();
  clock.nowMs += 61_000;
  expect(await again(later)).toMatchObject({ ingested: 8 });
});

test('KPIs come after their instance; until it is there they are tried again, usage is not', async () => {
  const { client, ingest, again, put } = begin();
  const run = usageEvent({ kpis: [{ name: 'helpful', score: true }] });
  await client.definitions.create({ name: run.useCase.name, description: 'Finds trails' });
  await client.kpis.create(run.useCase.name, {
    name: 'helpful',
    description: 'Was it?',
    kpi_type: 'boolean',
    goal: 0.8,
  });
  expect(await ingest([kpiEvent(run, false, { occurredAt: new Date(startMs - 60_000).toISOString() })])).toMatchObject({
    putOff: 1,
  });
  expect(await ingest([run])).toMatchObject({ ingested: 1, putOff: 0 });
  expect(await again(put())).toMatchObject({ ingested: 1 });
  // The older score came later and was not put over the newer one.
  expect([...payi.inspect.scores()]).toMatchObject([{ kpiName: 'helpful', score: 1 }]);
});

test('a KPI that Pay-i does not have leaves the usage ingested and only the KPI to be tried', async () => {
  const { ingest, put } = begin();
  expect(await ingest([usageEvent({ kpis: [{ name: 'unheard-of', score: 1 }] })])).toMatchObject({
    ingested: 0,
    putOff: 1,
  });
  expect(payi.inspect.summary().events).toBe(1);
  expect(put()).toMatchObject([{ attempt: 1, remaining: 'kpis' }]);
});

test('without tables, what was ingested waits to be recorded; without a queue too, it is delivered again', async () => {
  const { delivery, ingest, again, put, tables, queue } = begin();
  tables.fate = () => 'busy';
  const batch = events(3);
  expect(await ingest(batch)).toMatchObject({ ingested: 0, putOff: 3 });
  const later = put();
  expect(later.map(({ remaining }) => remaining)).toEqual(['record', 'record', 'record']);
  queue.fails = true;
  await expect(ingest(events(1))).rejects.toMatchObject({ code: 'batch_unfinished' });
  tables.fate = () => 'answered';
  expect(await again(later)).toMatchObject({ ingested: 3 });
  expect(await delivery.ledger.get(batch[0]?.eventId ?? '')).toMatchObject({ state: 'ingested', attempts: 2 });
  expect(payi.inspect.summary()).toMatchObject({ events: 4, accepted: 4 });
});

test('without a queue, what is put off goes to the outbox and comes back as tried', async () => {
  const { delivery, ingest, put, queue } = begin();
  payi.faults.add({ path: '/ingest/bulk-upsert', status: 429, retryAfter: 5, times: 1 });
  queue.fails = true;
  const [event] = events(1) as [TrackedEvent];
  expect(await ingest([event])).toMatchObject({ putOff: 1 });
  expect(await all(delivery.outbox.eventIds())).toEqual([event.eventId]);
  queue.fails = false;
  expect(await delivery.outbox.flush(delivery.queue)).toBe(1);
  expect(put()).toMatchObject([{ event, attempt: 1 }]);
  expect(await all(delivery.outbox.eventIds())).toEqual([]);
});

test('the limits of what was ingested are refreshed', async () => {
  const { client, ingest, refreshed } = begin();
  const made = await client.limits.create({ limit_name: 'day', limit_id: 'day', max: 5, limit_type: 'allow' });
  expect(made.limit.limit_id).toBe('day');
  await ingest([usageEvent({ limitIds: ['day'] }), usageEvent({ limitIds: ['day'] })]);
  expect(refreshed).toEqual([['day', 3_120_000n]]);
});
