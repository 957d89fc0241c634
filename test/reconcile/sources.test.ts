import { expect, test } from 'vitest';
import { firstSend } from '../../shared/events/queued-event.ts';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { PayiClient } from '../../shared/payi/client.ts';
import { PayiError } from '../../shared/payi/transport/error.ts';
import { type ReconcileOptions, reconcileDay } from '../../shared/reconcile/reconcile-day.ts';
import { DAY_MS } from '../../shared/util/days.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { policy } from '../limits/helpers.ts';
import { manualClock, startMs, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

/** Where the books come from: ledger, queue, outbox, Pay-i's look-ups, the provider's pages. */

const DAY = '2026-11-23';
const eventAt = (ms = 0, change: Partial<UsageEvent> = {}): UsageEvent =>
  usageEvent({
    eventId: uuidV7(startMs + ms),
    occurredAt: new Date(startMs + ms).toISOString(),
    estimatedCost: 1_040_000,
    ...change,
  });

const noLimits = { get: async () => undefined } as unknown as PayiClient['limits'];

function world(more: Partial<ReconcileOptions> = {}) {
  const ledger = createLedger(new MemoryTables());
  const asked: string[] = [];
  const outbox: UsageEvent[] = [];
  const queued: UsageEvent[] = [];
  const options: ReconcileOptions = {
    ledger,
    outbox: {
      async *entries() {
        for (const event of outbox) yield { eventId: event.eventId, outgoing: firstSend(event), sinceMs: startMs };
      },
    },
    view: {
      async *messages() {
        for (const event of queued)
          yield {
            eventId: event.eventId,
            state: 'queued',
            kind: 'usage',
            useCaseName: event.useCase.name,
            body: event,
            sinceMs: startMs,
          };
      },
      async *peekDeadLetters() {},
    },
    deadLetters: { async *list() {} },
    payi: {
      requests: {
        byProvider: async (_, id) => {
          asked.push(id);
          return { cost: { total: { base: 0.00104 } } } as never;
        },
        byId: async () => undefined,
      },
      limits: noLimits,
    },
    policies: [],
    clock: manualClock(startMs + 2 * DAY_MS),
    ...more,
  };
  const record = (event: UsageEvent) =>
    ledger.record([
      { outgoing: firstSend(event), tried: false, state: 'ingested', outcome: 'accepted', atMs: startMs },
    ]);
  return { options, record, asked, outbox, queued, run: (lookUps = 100) => reconcileDay(options, DAY, lookUps) };
}

/** The provider's report: pages of rows by path. */
const provider = (pages: object[][], costs: object[], refreshed = '2026-11-25T00:00:00Z') => {
  const list = (of: object[][]) => async () => ({
    data_refreshed_at: refreshed,
    async *[Symbol.asyncIterator]() {
      for (const page of of) yield* page;
    },
  });
  const analytics = { usage: { list: list(pages) }, cost: { list: list([costs]) } };
  return { client: async () => ({ beta: { organization: { analytics } } }) as never, apiKeyIds: [] };
};
const group = { model: 'claude-sonnet-5-5', service_tier: 'standard', speed: 'standard', inference_geo: 'global' };
const used = (input: number, output: number) => ({
  group,
  usage: {
    uncached_input_tokens: input,
    output_tokens: output,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    server_tool_use: { web_search_requests: 0 },
  },
});
const billed = (amount: string) => ({
  group: { ...group, cost_type: 'tokens' },
  cost: { amount, list_amount: amount, currency: 'USD' },
});

test('an event without a price of Pay-i’s is looked up by the id of the provider, made up or not', async () => {
  const { record, run, asked } = world();
  const own = eventAt(0, { providerResponseId: 'msg_01' });
  const made = eventAt(1);
  await record(own);
  await record(made);
  expect(await run()).toMatchObject({ ok: true, events: 2, unknownAtPayi: 0 });
  expect(asked.sort()).toEqual(['msg_01', `trailmeter-${made.eventId}`].sort());
});

test('rows that were written without that id are not looked up, and stay open', async () => {
  const { options, record, run, asked } = world();
  await record(eventAt());
  const { ledger } = options;
  options.ledger = {
    ...ledger,
    async *between(from, before) {
      for await (const { providerResponseId: _, ...row } of ledger.between(from, before)) yield row;
    },
  };
  expect(await run()).toMatchObject({ ok: true, complete: false, unknownAtPayi: 1 });
  expect(asked).toEqual([]);
});

test('events in the outbox and the queue are named, those that the ledger has are not', async () => {
  const { record, run, outbox, queued } = world({
    provider: provider([[used(120, 80)], [used(240, 160)]], [billed('0.312')]),
  });
  const both = eventAt(0);
  await record(both);
  queued.push(both, eventAt(1), eventAt(DAY_MS));
  outbox.push(eventAt(2));
  const { differences } = await run();
  const names = differences.flatMap(({ unit, reasons }) =>
    reasons.map(({ reason, eventIds }) => [unit, reason, eventIds]),
  );
  const eventIds = [outbox[0]?.eventId, queued[1]?.eventId];
  expect(names).toEqual([
    ['input', 'not_in_ledger', eventIds],
    ['output', 'not_in_ledger', eventIds],
    ['usd', 'not_in_ledger', eventIds],
  ]);
});

test('the report of the provider is added up over its pages; costs are exact', async () => {
  const { record, run } = world({ provider: provider([[used(100, 50)], [used(20, 30)]], [billed('0.104')]) });
  await record(eventAt());
  expect(await run()).toMatchObject({ ok: true, complete: true, differences: [], notes: [] });
});

test('a report that is behind, cannot be read or is refused is said; the other books are compared all the same', async () => {
  const late = world({ provider: provider([[used(120, 80)]], [billed('0.104')], '2026-11-23T20:00:00Z') });
  await late.record(eventAt());
  expect((await late.run()).notes).toEqual(["The provider's report is complete until 2026-11-23T20:00:00.000Z only."]);

  const odd = world({ provider: provider([[{ group, usage: { uncached_input_tokens: '12' } }]], []) });
  await odd.record(eventAt());
  const found = await odd.run();
  expect(found).toMatchObject({ ok: false, complete: false, differences: [] });
  expect(found.notes[0]).toContain('another form than expected: usage.uncached_input_tokens');
});

test('Pay-i refusing one look-up leaves it open; Pay-i that is away ends the comparison', async () => {
  const failing = (kind: 'rejected' | 'unavailable') => ({
    requests: {
      byProvider: async () => {
        throw new PayiError({ kind, request: 'GET /requests', reason: 'no' });
      },
      byId: async () => undefined,
    },
    limits: noLimits,
  });
  const refused = world({ payi: failing('rejected') });
  await refused.record(eventAt());
  expect(await refused.run()).toMatchObject({ ok: true, unknownAtPayi: 1 });
  const away = world({ payi: failing('unavailable') });
  await away.record(eventAt());
  await expect(away.run()).rejects.toBeInstanceOf(PayiError);
});

test('a day that the ledger does not have any more is said', async () => {
  const { options, record } = world();
  await record(eventAt());
  const { notes } = await reconcileDay(options, '2026-11-20', 0);
  expect(notes[0]).toContain('LEDGER_RETENTION_DAYS');
});

test('where prices of events are not known, the sum of Pay-i’s limit of the day is compared', async () => {
  const daily = policy({ name: 'daily-budget', type: 'allow' });
  const onlyUsers = policy({ name: 'users', scope: 'user', atPayi: true, type: 'allow' });
  const sumOf = async (usd: number, lookUps: number, policies = [onlyUsers, daily]) => {
    const asked: string[] = [];
    const get = async (id: string) => {
      asked.push(id);
      return { limit_id: id, max: 50, totals: { cost: { total: { base: usd } } } };
    };
    const { options, record, run } = world({ policies });
    options.payi = { ...options.payi, limits: { get } as unknown as PayiClient['limits'] };
    await record(eventAt(0));
    await record(eventAt(1));
    const { ok, payiSum } = await run(lookUps);
    return { ok, payiSum, asked };
  };
  const limitId = 'daily-budget:2026-11-23';
  expect(await sumOf(0.00208, 0)).toEqual({
    ok: true,
    payiSum: { limitId, ledger: 0.00208, payi: 0.00208, difference: 0 },
    asked: [limitId],
  });
  const less = { limitId, ledger: 0.00208, payi: 0.00104, difference: -0.00104 };
  expect(await sumOf(0.00104, 0)).toMatchObject({ ok: false, payiSum: less });
  // Each event was looked up and agrees: the limit was reset or made late.
  expect(await sumOf(0.00104, 10)).toMatchObject({ ok: true, payiSum: less });
  expect(await sumOf(1, 0, [onlyUsers])).toEqual({ ok: true, payiSum: null, asked: [] });
});
