import { afterEach, beforeEach, expect, test } from 'vitest';
import { type PayiStandin, startPayi } from '../../infra/local/payi/src/server.ts';
import { createDirectPublisher } from '../../shared/library/direct-publisher.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { kpiEvent, noting, usageEvent } from '../support/events.ts';

let payi: PayiStandin;
beforeEach(async () => {
  payi = await startPayi();
});
afterEach(() => payi.close());

/** Waits for nothing, so that a retry comes at once. */
const hasty = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 20), signal),
};

const publisherOf = (clock = systemClock, telemetry = noting()) => ({
  telemetry,
  publisher: createDirectPublisher({
    payi: createPayiClient({ baseUrl: payi.url, apiKey: 'key', timeoutMs: 60_000 }),
    dialect: 'live',
    clock,
    telemetry,
    random: () => 0,
  }),
});

const events = (count: number) =>
  Array.from({ length: count }, () => usageEvent({ occurredAt: new Date().toISOString() }));

test('events of concurrent calls share a bulk, and each is ingested once', async () => {
  const { publisher } = publisherOf();
  await Promise.all(events(300).map((event) => publisher.publish(event)));
  expect(await publisher.flush(10_000)).toBe(0);
  const { events: ingested, duplicates, requests } = payi.inspect.summary();
  expect([ingested, duplicates]).toEqual([300, 0]);
  const bulks = Object.entries(requests).filter(([name]) => name.includes('bulk'));
  expect(bulks.reduce((sum, [, count]) => sum + count, 0)).toBeLessThan(5);
});

test('what Pay-i can not take now is tried again', async () => {
  const { publisher } = publisherOf(hasty);
  payi.faults.add({ path: '/ingest/bulk*', times: 1, status: 503 });
  for (const event of events(3)) await publisher.publish(event);
  await expect.poll(() => payi.inspect.summary().events).toBe(3);
  expect(payi.inspect.summary().doubledEvents).toBe(0);
});

test('what Pay-i refuses is given up with its code, and holds up no other', async () => {
  const { publisher, telemetry } = publisherOf();
  payi.faults.add({ path: '/ingest/bulk*', times: 1, partialErrors: { indices: [0], code: 'invalid_units' } });
  for (const event of events(2)) await publisher.publish(event);
  expect(await publisher.flush(10_000)).toBe(0);
  expect(payi.inspect.summary().events).toBe(1);
  expect(telemetry.notes).toContainEqual({
    event: 'event-given-up',
    fields: expect.objectContaining({ code: 'invalid_units' }),
  });
});

test('a score waits for its instance, and the last one wins', async () => {
  const { definitions, kpis } = createPayiClient({ baseUrl: payi.url, apiKey: 'key', timeoutMs: 60_000 });
  await definitions.create({ name: 'trail_search', description: 'Finds trails' });
  await kpis.create('trail_search', { name: 'helpful', description: 'Of help', kpi_type: 'number', goal: 1 });
  const { publisher } = publisherOf();
  const [event] = events(1);
  if (!event) throw new Error('there is no event');
  const at = (ms: number) => ({ occurredAt: new Date(Date.now() + ms).toISOString() });
  await publisher.publish(kpiEvent(event, 1, at(2_000)));
  await publisher.publish(kpiEvent(event, 0, at(1_000)));
  await publisher.publish(event);
  await publisher.flush(3_000);
  expect([...payi.inspect.scores()]).toMatchObject([{ useCaseId: event.useCase.id, score: 1 }]);
});

test('after its end it takes nothing, and says what waits', async () => {
  const { publisher } = publisherOf(hasty);
  payi.faults.add({ status: 503 });
  const [event, other] = events(2);
  if (!event || !other) throw new Error('there are no events');
  await publisher.publish(event);
  expect(await publisher.flush(200)).toBe(1);
  publisher.end();
  await expect(publisher.publish(other)).rejects.toMatchObject({ code: 'not_durable' });
});
