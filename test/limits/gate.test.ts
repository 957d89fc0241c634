import { describe, expect, test } from 'vitest';
import { costing } from '../support/amounts.ts';
import { LeapingClock, ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, keepTicking, makeGate, policy, recorder, stateOf, totalOf, tryCall, usd } from './helpers.ts';

describe('a block limit', () => {
  test('lets calls through until it is used up, and says then what is left and when it resets', async () => {
    const gate = makeGate(new MemoryTables(), { policies: [policy({ scope: 'user' })] });
    for (let turn = 0; turn < 5; turn++) expect(await tryCall(gate, usd(1), usd(1))).toBe(true);
    await expect(gate.hold(call(usd(0.5)))).rejects.toMatchObject({
      code: 'limit_reached',
      status: 402,
      retryAfterSeconds: 12 * 3_600,
      details: {
        limitId: expect.stringMatching(/^daily:2026-11-23:[0-9a-f]{20}$/),
        scope: 'user',
        maxUsd: 5,
        spentUsd: 5,
        leftUsd: 0,
        neededUsd: 0.5,
        resetsAt: '2026-11-24T00:00:00.000Z',
      },
    });
  });

  test('counts what is held, and gives back what a call did not cost', async () => {
    const gate = makeGate(new MemoryTables());
    const first = await gate.hold(call(usd(3)));
    expect(await tryCall(gate, usd(3), usd(3))).toBe(false);
    await first.settle(costing(usd(0.1)), 'succeeded');
    expect(await tryCall(gate, usd(3), usd(3))).toBe(true);
  });

  test('counts an unknown price as what was held, and a second settling not at all', async () => {
    const tables = new MemoryTables();
    const gate = makeGate(tables);
    const hold = await gate.hold(call(usd(2)));
    await hold.settle(null, 'failed');
    await hold.settle(costing(usd(1)), 'succeeded');
    await gate.close();
    expect(stateOf(tables)).toMatchObject({ settledNano: usd(2), heldNano: 0n });
  });

  test('refuses a request that nothing bounds, unless its policy takes learned bounds or refuses nothing', async () => {
    const unbounded = { ...call(usd(1)), unboundedBy: 'spare_tools' };
    const gateOf = (more: object) => makeGate(new MemoryTables(), { policies: [policy(more)] });
    await expect(gateOf({ bound: 'sound' }).hold(unbounded)).rejects.toMatchObject({
      code: 'unbounded_request',
      status: 400,
      message: expect.stringContaining('spare_tools'),
    });
    for (const more of [{ bound: 'learned' }, { bound: 'sound', type: 'allow' }, { bound: 'sound', shadow: true }])
      await expect(gateOf(more).hold(unbounded)).resolves.toMatchObject({ heldNanoUsd: usd(1) });
  });

  test('asks for the exact bound only when the cheap one does not fit', async () => {
    const gate = makeGate(new MemoryTables());
    let asked = 0;
    const exactBound = async () => {
      asked++;
      return costing(usd(1));
    };
    const roomy = await gate.hold(call(usd(3), { exactBound }));
    expect([asked, roomy.heldNanoUsd]).toEqual([0, usd(3)]);
    const tight = await gate.hold(call(usd(3), { exactBound }));
    expect([asked, tight.heldNanoUsd]).toEqual([1, usd(1)]);
  });

  test('records what a call missed beyond its hold', async () => {
    const tables = new MemoryTables();
    const gate = makeGate(tables);
    expect(await tryCall(gate, usd(1), usd(1.5))).toBe(true);
    await gate.close();
    expect(stateOf(tables)).toMatchObject({ settledNano: usd(1.5), missedNano: usd(0.5) });
  });
});

describe('several limits', () => {
  test('a call holds on all of them or on none', async () => {
    const tables = new MemoryTables();
    const gate = makeGate(tables, {
      policies: [policy({ name: 'all', maxUsd: 100 }), policy({ name: 'each', scope: 'user', maxUsd: 1 })],
    });
    expect(await tryCall(gate, usd(2), usd(2))).toBe(false);
    await gate.close();
    expect(stateOf(tables, 'all:2026-11-23').heldNano).toBe(0n);
  });

  test('each user has a limit of their own, and no id tells who they are', async () => {
    const tables = new MemoryTables();
    const gate = makeGate(tables, { policies: [policy({ scope: 'user', maxUsd: 1, atPayi: true })] });
    const hold = await gate.hold(call(usd(1)));
    expect(hold.limitIds).toEqual([expect.stringMatching(/^daily:2026-11-23:[0-9a-f]{20}$/)]);
    expect(await tryCall(gate, usd(1), usd(1))).toBe(false);
    expect(await tryCall(gate, usd(1), usd(1), { userId: 'kim@example.com' })).toBe(true);
  });
});

describe('the limits that an event names', () => {
  test.each([
    ['global', undefined, true],
    ['use_case', undefined, true],
    ['account', undefined, true],
    ['user', undefined, false],
    ['user', true, true],
    ['global', false, false],
  ] as const)('scope %s, atPayi %s: %s', async (scope, atPayi, named) => {
    const gate = makeGate(new MemoryTables(), {
      policies: [policy({ scope, ...(atPayi !== undefined && { atPayi }) })],
    });
    const hold = await gate.hold(call(usd(1), { accountName: 'acme' }));
    expect(hold.limitIds).toHaveLength(named ? 1 : 0);
    expect(hold.heldNanoUsd).toBe(usd(1));
  });
});

describe('limits that refuse nothing', () => {
  test('an allow limit warns from its threshold on', async () => {
    const gate = makeGate(new MemoryTables(), { policies: [policy({ type: 'allow', maxUsd: 1, threshold: 0.8 })] });
    const warnings = async (actual: bigint) => {
      const hold = await gate.hold(call(usd(9)));
      await hold.settle(costing(actual), 'succeeded');
      return hold.warnings.map(({ state }) => state);
    };
    expect(await warnings(usd(0.7))).toEqual([]);
    expect(await warnings(usd(0.1))).toEqual([]);
    expect(await warnings(usd(0.3))).toEqual(['exceeded']);
    expect(await warnings(usd(1))).toEqual(['overrun']);
  });

  test('a block limit warns from its threshold on as well, until it refuses', async () => {
    const gate = makeGate(new MemoryTables(), { policies: [policy({ maxUsd: 1, threshold: 0.8 })] });
    expect(await tryCall(gate, usd(0.85), usd(0.85))).toBe(true);
    const hold = await gate.hold(call(usd(0.1)));
    expect(hold.warnings.map(({ state }) => state)).toEqual(['exceeded']);
    expect(await tryCall(gate, usd(0.1), usd(0.1))).toBe(false);
  });

  test('a shadow limit says what it would have refused', async () => {
    const gate = makeGate(new MemoryTables(), { policies: [policy({ shadow: true, maxUsd: 1 })] });
    const first = await gate.hold(call(usd(0.9)));
    const second = await gate.hold(call(usd(0.9)));
    expect([first, second].map(({ warnings }) => warnings.map(({ state }) => state))).toEqual([[], ['would_block']]);
  });
});

describe('crossings', () => {
  test('are seen once by all processes together', async () => {
    const tables = new MemoryTables();
    const seen: number[] = [];
    const clock = new LeapingClock();
    const gates = [1, 2, 3].map(() =>
      makeGate(tables, {
        policies: [policy({ type: 'allow', maxUsd: 1, threshold: 0.8 })],
        clock,
        crossed: (_, { level }) => void seen.push(level),
      }),
    );
    for (const gate of gates) await tryCall(gate, usd(0.3), usd(0.3));
    for (const gate of gates) await gate.close();
    for (const gate of gates) await tryCall(gate, usd(0.3), usd(0.3));
    for (const gate of gates) await gate.close();
    expect(seen).toEqual([1, 2]);
  });
});

describe('slices', () => {
  test('far from the limit a call makes no request', async () => {
    const tables = new MemoryTables();
    const gate = makeGate(tables, { policies: [policy({ maxUsd: 1_000 })] });
    for (let turn = 0; turn < 20; turn++) await tryCall(gate, usd(0.05), usd(0.02));
    const before = [...tables.operations.values()].reduce((a, b) => a + b, 0);
    const holds = await Promise.all(Array.from({ length: 4 }, () => gate.hold(call(usd(0.01)))));
    expect([...tables.operations.values()].reduce((a, b) => a + b, 0)).toBe(before);
    expect(holds).toHaveLength(4);
  });

  test('two processes never hold more than the limit, and the last bit of it can be used', async () => {
    const tables = new MemoryTables();
    const clock = new LeapingClock();
    const gates = [makeGate(tables, { clock }), makeGate(tables, { clock })];
    const stops = gates.map((gate) => keepTicking(gate, clock));
    let passed = 0;
    for (let turn = 0; turn < 600; turn++) {
      for (const gate of gates.slice(turn % 2, (turn % 2) + 1)) {
        if (await tryCall(gate, usd(0.01), usd(0.01))) passed++;
      }
      expect(totalOf(stateOf(tables))).toBeLessThanOrEqual(usd(5));
    }
    for (const stop of stops) stop();
    expect(passed).toBe(500);
  });

  test('a call without room waits for what another process has not written down yet', async () => {
    const tables = new MemoryTables();
    const clock = new LeapingClock();
    const gates = [makeGate(tables, { clock }), makeGate(tables, { clock })] as const;
    const dear = await gates[0].hold(call(usd(4.9)));
    const waiting = gates[1].hold(call(usd(1)));
    await dear.settle(costing(usd(0.1)), 'succeeded');
    expect((await waiting).heldNanoUsd).toBe(usd(1));
  });

  test('it is refused at once where no other process holds anything, and soon where they keep it', async () => {
    const clock = new LeapingClock();
    const tables = new MemoryTables();
    const [first, second] = [makeGate(tables, { clock }), makeGate(tables, { clock })];
    await first.hold(call(usd(4.9)));
    const begin = clock.now();
    expect(await tryCall(first, usd(1), usd(1))).toBe(false);
    expect(clock.now() - begin).toBeLessThan(100);
    expect(await tryCall(second, usd(1), usd(1))).toBe(false);
    expect(clock.now() - begin).toBeLessThan(1_000);
  });

  test('unused budget goes back when no more calls come', async () => {
    const tables = new MemoryTables();
    const clock = new ManualClock();
    const gate = makeGate(tables, { clock });
    await tryCall(gate, usd(0.01), usd(0.01));
    expect(stateOf(tables).heldNano).toBeGreaterThan(0n);
    await clock.pass(1_500);
    await gate.tick();
    expect(stateOf(tables)).toMatchObject({ heldNano: 0n, idleNano: 0n, settledNano: usd(0.01) });
    await clock.pass(31_000);
    await gate.tick();
    expect(tables.rows('limits').map(({ rowKey }) => rowKey)).toEqual(['state']);
    const kinds = tables.rows('limitholders').map(({ partitionKey, rowKey }) => [partitionKey, rowKey]);
    expect(kinds).toHaveLength(2);
    expect(kinds.flat()).toEqual(expect.arrayContaining(['owners', 'in!daily:2026-11-23']));
    expect(await tryCall(gate, usd(4.99), usd(4.99))).toBe(true);
    expect(await tryCall(gate, usd(0.01), usd(0.01))).toBe(false);
  });
});

test('a slice that was given up without an answer is not counted twice', async () => {
  const tables = new MemoryTables();
  const clock = new LeapingClock();
  let lose = false;
  const client = tables.client({
    before: async (operation) => {
      if (!lose || operation !== 'transact') return 'answered';
      lose = false;
      return 'lost';
    },
  });
  const gate = makeGate(client, { clock });
  expect(await tryCall(gate, usd(1), usd(0.75))).toBe(true);
  lose = true;
  await gate.close();
  expect(await tryCall(gate, usd(1), usd(0.5))).toBe(true);
  await gate.close();
  expect(stateOf(tables)).toMatchObject({ settledNano: usd(1.25), heldNano: 0n, idleNano: 0n });
});

describe('while the table fails', () => {
  const broken = (tables: MemoryTables) =>
    tables.client({
      before: async () => {
        throw new Error('down');
      },
    });

  test('a closed limit lets nothing through', async () => {
    const gate = makeGate(broken(new MemoryTables()));
    await expect(gate.hold(call(usd(1)))).rejects.toMatchObject({ code: 'limits_unreadable', status: 503 });
  });

  test('an open one lets calls through and counts them later', async () => {
    const tables = new MemoryTables();
    let down = true;
    const telemetry = recorder();
    const clock = new ManualClock();
    const gate = makeGate(
      tables.client({
        before: async () => {
          if (down) throw new Error('down');
          return 'answered';
        },
      }),
      { policies: [policy({ whenUnreadable: 'open' })], telemetry, clock },
    );
    expect(await tryCall(gate, usd(1), usd(1))).toBe(true);
    expect(telemetry.lines).toContain('limits-unreadable');
    down = false;
    await clock.pass(2_000);
    await gate.tick();
    expect(stateOf(tables).settledNano).toBe(usd(1));
  });
});

test('a call that empties a slice is counted in the write that it starts', async () => {
  const tables = new MemoryTables();
  const gate = makeGate(tables, { policies: [policy({ maxUsd: 1_000 })] });
  const holds = [];
  for (let turn = 0; turn < 40; turn++) {
    holds.push(await gate.hold(call(usd(0.1))));
    expect(stateOf(tables).heldNano).toBeGreaterThanOrEqual(usd(0.1) * BigInt(holds.length));
  }
});
