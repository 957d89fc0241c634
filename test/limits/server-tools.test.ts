import { describe, expect, test } from 'vitest';
import { type LearnedRow, LearnedStore } from '../../shared/limits/gate/learned-store.ts';
import type { HeldCall } from '../../shared/limits/owners/owner-rows.ts';
import { costing, toolsCosting } from '../support/amounts.ts';
import { LeapingClock, ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, makeGate, noon, policy, recorder, searching, stateOf, usd } from './helpers.ts';

/** The context window at each turn of a web search. */
const window = usd(20);
const limited = { code: 'limit_reached', status: 402 };

describe('a call with server tools', () => {
  test('is held at what is certain and what nothing bounds', async () => {
    const gate = makeGate(new MemoryTables());
    const hold = await gate.hold(call(window, searching(usd(1))));
    expect(hold.heldNanoUsd).toBe(usd(1.25));
  });

  test('with 128,000 tokens of output is refused where these have no room, however cheap its kind was', async () => {
    const gate = makeGate(new MemoryTables(), { policies: [policy({ maxUsd: 1 })] });
    for (let turn = 0; turn < 25; turn++) {
      const hold = await gate.hold(call(window, searching(usd(0.001))));
      await hold.settle(costing(usd(0.002)), 'succeeded', toolsCosting(usd(0.001)));
    }
    await expect(gate.hold(call(window, searching(usd(1.28))))).rejects.toMatchObject({
      ...limited,
      details: { neededUsd: 1.29 },
    });
  });

  test('never holds less than one turn on top of what is certain', async () => {
    const gate = makeGate(new MemoryTables());
    for (let turn = 0; turn < 25; turn++) {
      const hold = await gate.hold(call(window, searching(usd(0.001))));
      await hold.settle(costing(usd(0.002)), 'succeeded', toolsCosting(0n));
    }
    const hold = await gate.hold(call(window, searching(usd(0.001), { turn: toolsCosting(usd(0.08)) })));
    expect(hold.heldNanoUsd).toBe(usd(0.081));
  });

  test('asks for the certain part by an exact count when the cheap one does not fit', async () => {
    const gate = makeGate(new MemoryTables(), { policies: [policy({ maxUsd: 1 })] });
    const exactCertain = async () => costing(usd(0.5));
    const hold = await gate.hold(call(window, searching(usd(0.9), { exactCertain })));
    expect(hold.heldNanoUsd).toBe(usd(0.75));
  });

  test.each([
    ['learned', true, 1.25],
    ['learned', false, 20],
    ['learned_unstreamed', true, 1.25],
    ['learned_unstreamed', false, 1.25],
    ['sound', true, 20],
    ['sound', false, 20],
  ] as const)('with bound %s, streamed %s: %d USD', async (bound, isStream, held) => {
    const gate = makeGate(new MemoryTables(), { policies: [policy({ maxUsd: 50, bound })] });
    const hold = await gate.hold(call(window, searching(usd(1), { isStream })));
    expect(hold.heldNanoUsd).toBe(usd(held));
  });

  test('is learned by policy and kind, whatever the use case', async () => {
    const policies = [policy({ useCases: ['cheap'] }), policy({ name: 'other', maxUsd: 50, useCases: ['dear'] })];
    const gate = makeGate(new MemoryTables(), { policies });
    for (let turn = 0; turn < 25; turn++) {
      const hold = await gate.hold(call(window, { ...searching(0n), useCaseName: 'cheap' }));
      await hold.settle(costing(usd(0.002)), 'succeeded', toolsCosting(usd(0.002)));
    }
    const held = async (useCaseName: string, kind: string) => {
      const hold = await gate.hold(call(window, { ...searching(0n, { kind }), useCaseName }));
      await hold.settle(costing(0n), 'failed');
      return hold.heldNanoUsd;
    };
    expect(await held('cheap', 'model:web_search')).toBe(usd(0.01));
    expect(await held('cheap', 'model:web_fetch')).toBe(usd(0.25));
    expect(await held('dear', 'model:web_search')).toBe(usd(0.25));
  });
});

describe('a stream that costs more than its hold', () => {
  test('takes more while it runs, and gives back what it did not cost', async () => {
    const tables = new MemoryTables();
    const gate = makeGate(tables);
    const hold = await gate.hold(call(window, searching(usd(1))));
    await hold.cover(toolsCosting(usd(0.2)));
    expect(hold.heldNanoUsd).toBe(usd(1.25));
    await hold.cover(toolsCosting(usd(0.75)));
    expect(hold.heldNanoUsd).toBe(usd(1.75));
    await hold.settle(costing(usd(1.5)), 'succeeded', toolsCosting(usd(0.5)));
    await gate.close();
    expect(stateOf(tables)).toMatchObject({ settledNano: usd(1.5), missedNano: 0n, heldNano: 0n });
  });

  test('is refused more where there is none, and keeps what it has', async () => {
    const tables = new MemoryTables();
    const refused: string[] = [];
    const gate = makeGate(tables, {
      policies: [policy({ name: 'all', maxUsd: 100 }), policy({ maxUsd: 2 })],
      refused: ({ limitId }) => void refused.push(limitId),
    });
    const hold = await gate.hold(call(window, searching(usd(1))));
    await expect(hold.cover(toolsCosting(usd(1.5)))).rejects.toMatchObject(limited);
    expect(hold.heldNanoUsd).toBe(usd(1.25));
    expect(refused).toEqual(['daily:2026-11-23']);
    await hold.settle(costing(usd(1.25)), 'aborted');
    await gate.close();
    expect(stateOf(tables)).toMatchObject({ settledNano: usd(1.25), missedNano: 0n, heldNano: 0n });
    expect(stateOf(tables, 'all:2026-11-23')).toMatchObject({ settledNano: usd(1.25), heldNano: 0n });
  });

  test('is only reported by a limit in shadow', async () => {
    const telemetry = recorder();
    const gate = makeGate(new MemoryTables(), { policies: [policy({ maxUsd: 2, shadow: true })], telemetry });
    const hold = await gate.hold(call(window, searching(usd(1))));
    expect(hold.warnings).toEqual([]);
    await hold.cover(toolsCosting(usd(3)));
    await hold.cover(toolsCosting(usd(4)));
    expect(hold.warnings.map(({ state }) => state)).toEqual(['would_block']);
    expect(telemetry.lines.filter((line) => line === 'limit-would-block')).not.toEqual([]);
  });

  test('holds nothing that came after it was settled', async () => {
    const tables = new MemoryTables();
    const gate = makeGate(tables);
    const hold = await gate.hold(call(window, searching(usd(1))));
    const covering = hold.cover(toolsCosting(usd(2)));
    await hold.settle(costing(usd(1)), 'aborted');
    await covering;
    await hold.cover(toolsCosting(usd(3)));
    await gate.close();
    expect(stateOf(tables)).toMatchObject({ settledNano: usd(1), heldNano: 0n });
  });

  test('never holds more than the context windows', async () => {
    const gate = makeGate(new MemoryTables(), { policies: [policy({ maxUsd: 50 })] });
    const hold = await gate.hold(call(window, searching(usd(1))));
    await hold.cover(toolsCosting(usd(30)));
    expect(hold.heldNanoUsd).toBe(window);
  });

  test('is in the list of calls in flight with what it holds by then', async () => {
    const tables = new MemoryTables();
    const clock = new ManualClock();
    const gate = makeGate(tables, { clock });
    const hold = await gate.hold(call(window, searching(usd(1))));
    const held = () =>
      tables
        .rows<{ partitionKey: string; rowKey: string; calls?: string }>('limitholders')
        .flatMap(({ calls }) => (calls ? (JSON.parse(calls) as HeldCall[]) : []))
        .map((inFlight) => inFlight.held);
    await clock.pass(300);
    await gate.tick();
    expect(held()).toEqual([String(usd(1.25))]);
    await hold.cover(toolsCosting(usd(1)));
    await gate.tick();
    expect(held()).toEqual([String(usd(2))]);
  });

  test('takes from the table what others can use until then', async () => {
    const tables = new MemoryTables();
    const clock = new LeapingClock();
    const [one, other] = [makeGate(tables, { clock }), makeGate(tables, { clock })];
    const holds = [await one.hold(call(window, searching(usd(1)))), await other.hold(call(window, searching(usd(1))))];
    await holds[0]?.cover(toolsCosting(usd(2)));
    await expect(holds[1]?.cover(toolsCosting(usd(2.5)))).rejects.toMatchObject(limited);
    expect(holds.map((hold) => hold.heldNanoUsd)).toEqual([usd(3), usd(1.25)]);
  });
});

describe('what was learned', () => {
  const daily = policy();
  const store = (tables: MemoryTables, clock = new ManualClock()) =>
    new LearnedStore(tables.open<LearnedRow>('limitlearned'), clock);

  test('is shared by all processes', async () => {
    const tables = new MemoryTables();
    const [one, other] = [store(tables), store(tables)];
    for (let turn = 0; turn < 20; turn++) (turn % 2 ? one : other).add(daily, 'kind', usd(0.4));
    await one.sync();
    await other.sync();
    expect(other.boundOf(daily, 'kind')).toBe(usd(0.5));
    expect(tables.rows('limitlearned')).toHaveLength(1);
  });

  test('is bounded in number: one kind too many is taken for unknown', () => {
    const learned = store(new MemoryTables());
    for (let kind = 0; kind < 3_000; kind++)
      for (let turn = 0; turn < 20; turn++) learned.add(daily, `kind-${kind}`, usd(0.4));
    expect(learned.boundOf(daily, 'kind-0')).toBe(usd(0.5));
    expect(learned.boundOf(daily, 'kind-2999')).toBe(usd(0.25));
  });

  test('goes after the retention, rows of versions before too', async () => {
    const tables = new MemoryTables();
    const clock = new ManualClock();
    const learned = store(tables, clock);
    await tables.open<LearnedRow>('limitlearned').insert({ partitionKey: 'learned', rowKey: 'old', costs: '1' });
    learned.add(daily, 'early', 1n);
    await learned.sync();
    await clock.pass(1_000);
    learned.add(daily, 'late', 1n);
    await learned.sync();
    expect(await learned.prune(noon + 500)).toBe(2);
    expect(tables.rows('limitlearned').map(({ rowKey }) => rowKey)).toEqual(['daily:late']);
  });
});
