import { expect, test } from 'vitest';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { expireOwners } from '../../shared/limits/owners/expire-owners.ts';
import type { OwnerRow } from '../../shared/limits/owners/owner-rows.ts';
import { PayiMirror } from '../../shared/limits/payi/payi-mirror.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { readState } from '../../shared/limits/state/change-state.ts';
import { spentOf } from '../../shared/limits/state/limit-math.ts';
import type { LimitRow } from '../../shared/limits/state/limit-rows.ts';
import type { PayiLimit } from '../../shared/payi/limits.ts';
import { rebuildLimits } from '../../shared/rebuild/rebuild-limits.ts';
import { TableMissingError } from '../../shared/tables/errors.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { toUsd } from '../../shared/util/money.ts';
import { call, makeGate, noon, policy, quiet } from '../limits/helpers.ts';
import { costing } from '../support/amounts.ts';
import { usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

const DAY = 'daily:2026-11-23';
const COST = 7_000_000n;

/** An app and a rebuild over the same tables. Times of both are the rebuild's: it moves them on while it waits. */
function start(type: Policy['type'] = 'allow') {
  const tables = new MemoryTables();
  let nowMs = noon;
  let isMissing = false;
  let isAway = false;
  let sleeps = 0;
  let spentNano = 0n;
  let seenNano = 0n;
  const clock = {
    now: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
  const policies = [policy({ type })];
  const opened = tables.client({
    before: async (_operation, table) => {
      if (isMissing && table === 'limits') throw new TableMissingError(table, undefined);
      return 'answered';
    },
  });
  const limits = opened.open<LimitRow>('limits');
  const holders = tables.open<OwnerRow>('limitholders');
  const ledger = createLedger(tables);
  const ofApp = tables.client({
    before: async (_operation, table) => {
      if (isMissing && table === 'limits') throw new TableMissingError(table, undefined);
      return isAway && table === 'limits' ? 'busy' : 'answered';
    },
  });
  // What waits for longer is a time-out, which never comes here.
  const sleep = (ms: number) => (ms < 1_000 ? Promise.resolve() : new Promise<void>(() => {}));
  const gate = makeGate(ofApp, { policies, clock: { ...clock, sleep } });
  const ingest = async (event: UsageEvent) => {
    const outgoing = { event, attempt: 0, remaining: 'all' as const };
    await ledger.record([{ outgoing, tried: false, state: 'ingested', outcome: 'accepted', atMs: nowMs }]);
  };
  const it = {
    gate,
    /** What happens once after Pay-i has given its figure and before that is written. */
    afterFigure: async (): Promise<void> => {},
    /** What happens between the looks of the rebuild; `pass` counts from 1. */
    meanwhile: async (_pass: number): Promise<void> => {},
    /** The answers have told so much. */
    told: () => spentNano,
    spent: async () => {
      const state = await readState(limits, DAY);
      return state && spentOf(state);
    },
    later(ms: number) {
      nowMs += ms;
    },
    deleteTable() {
      for (const { partitionKey, rowKey } of tables.rows('limits'))
        void tables.open('limits').remove({ partitionKey, rowKey });
      it.hideTable();
    },
    hideTable() {
      isMissing = true;
    },
    makeTable() {
      isMissing = false;
    },
    /** The table fails for the app alone. */
    setAway(away: boolean) {
      isAway = away;
    },
    /** A call begins; what it resolves with lets it end: settled and ingested. */
    async begin() {
      const hold = await gate.hold(call(COST, { eventId: uuidV7(nowMs) }));
      return async () => {
        await hold.settle(costing(COST), 'succeeded');
        spentNano += COST;
        seenNano += COST;
        await ingest({ ...usageEvent(), estimatedCost: Number(COST), occurredAt: new Date(nowMs).toISOString() });
        mirror.refreshLimits(new Map([[DAY, COST]]));
      };
    },
    async call() {
      await (await it.begin())();
    },
    held: async () => (await readState(limits, DAY))?.heldNano,
    /** What the timer of another process does. */
    expire: () =>
      expireOwners({
        limits,
        holders,
        clock,
        random: () => 0,
        telemetry: quiet,
        crossed: () => undefined,
        publisher: {
          publish: async (event) => {
            if (event.kind === 'usage') await ingest(event);
            return 'queued';
          },
          close: async () => {},
        },
      }),
    rebuild: () =>
      rebuildLimits({
        limits,
        clock: {
          now: clock.now,
          sleep: async (ms) => {
            nowMs += ms;
            await it.meanwhile(++sleeps);
          },
        },
        random: () => 0,
        ledger,
        holders,
        properties: [],
        policies,
        countOnTheWay: async () => 0,
      }),
  };
  const mirror = new PayiMirror({
    limits,
    clock,
    random: () => 0,
    telemetry: quiet,
    crossed: () => undefined,
    payi: {
      get: async (limitId) => {
        const limit = { limit_id: limitId, totals: { cost: { total: { base: toUsd(seenNano) } } } } as PayiLimit;
        const { afterFigure } = it;
        it.afterFigure = async () => {};
        await afterFigure();
        return limit;
      },
      page: async () => ({ limits: [], cursor: undefined }),
    },
  });
  return Object.assign(it, { mirror });
}

test.each([
  ['after', 2],
  ['before', 1],
])('calls that went on while the table was missing count once, written %s the limit was raised', async (_, first) => {
  const it = start();
  it.deleteTable();
  for (let at = 0; at < 3; at++) await it.call();
  it.later(2_000);
  await expect(it.gate.tick()).rejects.toThrow(TableMissingError);
  it.meanwhile = async (pass) => {
    it.makeTable();
    if (pass >= first) await it.gate.tick();
  };
  expect(await it.rebuild()).toMatchObject({ isExact: true });
  await it.gate.tick();
  expect(await it.spent()).toBe(it.told());
  await it.call();
  it.later(2_000);
  await it.gate.tick();
  expect(await it.spent()).toBe(it.told());
});

test('calls that went on while the table was missing count once, where it comes back as it was', async () => {
  const it = start();
  await it.call();
  it.later(2_000);
  await it.gate.tick();
  it.hideTable();
  for (let at = 0; at < 3; at++) await it.call();
  it.later(2_000);
  await expect(it.gate.tick()).rejects.toThrow(TableMissingError);
  it.makeTable();
  await it.gate.tick();
  expect(await it.spent()).toBe(it.told());
});

test('what Pay-i had been told before the table was deleted counts once, though the app writes first', async () => {
  const it = start();
  await it.call();
  await it.mirror.flush();
  await it.gate.tick();
  it.deleteTable();
  await it.call();
  it.meanwhile = async (pass) => {
    it.makeTable();
    if (pass === 1) await it.mirror.flush();
  };
  await it.rebuild();
  expect(await it.spent()).toBe(it.told());
});

test('what Pay-i had been told before counts once soon after, where the limit is rebuilt while the app asks Pay-i', async () => {
  const it = start();
  await it.call();
  await it.mirror.flush();
  await it.gate.tick();
  it.deleteTable();
  await it.call();
  it.makeTable();
  it.afterFigure = async () => void (await it.rebuild());
  await it.mirror.flush();
  await it.mirror.flush();
  expect(await it.spent()).toBe(it.told());
});

test.each(['block', 'allow'] as const)(
  'a call in flight while the table was missing counts once, though it ends after the rebuild: %s',
  async (type) => {
    const it = start(type);
    await it.call();
    const end = await it.begin();
    it.later(300);
    await it.gate.tick();
    it.deleteTable();
    await it.call().catch(() => undefined);
    it.makeTable();
    it.meanwhile = () => it.gate.tick();
    expect(await it.rebuild()).toMatchObject({ isExact: true, openCalls: 0 });
    await end();
    it.later(2_000);
    await it.gate.tick();
    expect(await it.spent()).toBe(it.told());
    expect(await it.rebuild()).toMatchObject({ isExact: true });
    expect(await it.spent()).toBe(it.told());
  },
);

test.each(['block', 'allow'] as const)(
  'costs count once that their process could not write for minutes, while the limit was rebuilt: %s',
  async (type) => {
    const it = start(type);
    await it.call();
    it.later(2_000);
    await it.gate.tick();
    const end = await it.begin();
    it.setAway(true);
    await end();
    it.meanwhile = () => it.gate.tick().catch(() => undefined);
    expect(await it.rebuild()).toMatchObject({ isExact: true });
    expect(await it.spent()).toBe(it.told());
    it.setAway(false);
    it.later(100_000);
    await it.gate.tick();
    await it.gate.tick();
    expect(await it.spent()).toBe(it.told());
    await it.call();
    it.later(2_000);
    await it.gate.tick();
    expect(await it.spent()).toBe(it.told());
  },
);

test('what a process had not written when it died counts as what it held, once, though the limit is rebuilt at once', async () => {
  const it = start('block');
  await it.call();
  const held = await it.held();
  expect(held).toBeGreaterThanOrEqual(it.told());
  const spentWhileAlive: unknown[] = [];
  it.meanwhile = async () => {
    spentWhileAlive.push(((await it.spent()) ?? 0n) + ((await it.held()) ?? 0n));
    await it.expire();
  };
  expect(await it.rebuild()).toMatchObject({ isExact: true, openCalls: 0 });
  expect(await it.spent()).toBe(held);
  expect(new Set(spentWhileAlive)).toEqual(new Set([held]));
});

test.each(['block', 'allow'] as const)(
  'the call of a process that died before the table was lost counts, as what it held: %s',
  async (type) => {
    const it = start(type);
    await it.call();
    await it.begin();
    it.later(300);
    await it.gate.tick();
    it.deleteTable();
    it.makeTable();
    it.meanwhile = () => it.expire();
    expect(await it.rebuild()).toMatchObject({ isExact: true, openCalls: 0 });
    expect(await it.spent()).toBe(it.told() + COST);
  },
);

test('calls of a process that died are named where nobody ends it', async () => {
  const it = start('block');
  await it.begin();
  it.later(300);
  await it.gate.tick();
  expect(await it.rebuild()).toMatchObject({ isExact: false, openCalls: 1 });
});
