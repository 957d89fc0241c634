import { expect, test } from 'vitest';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { PayiMirror } from '../../shared/limits/payi/payi-mirror.ts';
import { readState } from '../../shared/limits/state/change-state.ts';
import { spentOf } from '../../shared/limits/state/limit-math.ts';
import type { LimitRow } from '../../shared/limits/state/limit-rows.ts';
import type { PayiLimit } from '../../shared/payi/limits.ts';
import { rebuildLimits } from '../../shared/rebuild/rebuild-limits.ts';
import { TableMissingError } from '../../shared/tables/errors.ts';
import { toUsd } from '../../shared/util/money.ts';
import { call, makeGate, noon, policy, quiet } from '../limits/helpers.ts';
import { costing } from '../support/amounts.ts';
import { usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

const DAY = 'daily:2026-11-23';
const COST = 7_000_000n;

/** An app and a rebuild over the same tables. Times of both are the rebuild's: it moves them on while it waits. */
function start() {
  const tables = new MemoryTables();
  let nowMs = noon;
  let isMissing = false;
  let sleeps = 0;
  let spentNano = 0n;
  let seenNano = 0n;
  const clock = {
    now: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
  const policies = [policy({ type: 'allow' })];
  const opened = tables.client({
    before: async (_operation, table) => {
      if (isMissing && table === 'limits') throw new TableMissingError(table, undefined);
      return 'answered';
    },
  });
  const limits = opened.open<LimitRow>('limits');
  const ledger = createLedger(tables);
  const gate = makeGate(opened, { policies, clock });
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
    /** A call that is made, settled and ingested. */
    async call() {
      const hold = await gate.hold(call(COST));
      await hold.settle(costing(COST), 'succeeded');
      spentNano += COST;
      seenNano += COST;
      const event = { ...usageEvent(), estimatedCost: Number(COST), occurredAt: new Date(nowMs).toISOString() };
      const outgoing = { event, attempt: 0, remaining: 'all' as const };
      await ledger.record([{ outgoing, tried: false, state: 'ingested', outcome: 'accepted', atMs: nowMs }]);
      mirror.refreshLimits(new Map([[DAY, COST]]));
    },
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
