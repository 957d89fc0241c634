import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LEASE_MS } from '../../shared/limits/owners/lease.ts';
import { costing } from '../support/amounts.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, makeGate, stateOf, usd } from './helpers.ts';
import { fates, type Scope, stepsOf } from './interleaving-steps.ts';
import { World } from './interleaving-world.ts';

interface Again {
  isPatient?: boolean;
  seed?: number;
  numRuns?: number;
  path?: string;
}

describe('any interleaving of calls, ticks, crashes, expiry, refresh and reset over three processes', () => {
  test.each([
    ['sound', false, 'global', {}],
    ['learned', true, 'global', {}],
    ['sound', false, 'user', {}],
    ['sound', false, 'units', {}],
    ['sound', false, 'changes', {}],
    ['learned', true, 'changes', {}],
    ['sound', false, 'global', { isPatient: true }],
    ['learned', true, 'changes', { isPatient: true }],
    ['sound', false, 'fall_back', { isPatient: true }],
    ['sound', false, 'approvals', { isPatient: true }],
    ['learned', true, 'approvals', { isPatient: true }],
    // A process died after it wrote that a call was settled, and before it wrote its list of calls.
    ['sound', false, 'global', { seed: 406_422_053, numRuns: 20 }],
    // Table Storage did not take what a call had missed.
    ['learned', true, 'global', { seed: 915_744_973, numRuns: 1, path: '2992' }],
  ] as [string, boolean, Scope, Again][])(
    'with %s bounds (learned: %s) on a limit of scope %s, never grants more than the limit has, nor forgets what was spent or held (L1, L2)',
    async (_, learned, scope, { isPatient = false, ...again }: Again) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(stepsOf(learned, scope), { minLength: 1, maxLength: 80, size: 'max' }),
          fates,
          fc.array(fc.nat(4), { minLength: 1, maxLength: 20 }),
          async (steps, outcomes, delays) => {
            const world = new World(outcomes, delays, scope, isPatient);
            for (const one of steps) {
              await world.run(one);
              await new Promise((resolve) => setImmediate(resolve));
              world.check();
            }
          },
        ),
        // To make a failure smaller takes minutes: its seed is enough.
        { numRuns: 150, endOnFailure: true, ...again },
      );
    },
  );

  test('a call that comes while unused budget goes back gets none of it', async () => {
    const tables = new MemoryTables();
    const clock = new ManualClock();
    let blocked: (() => void) | undefined;
    let block = false;
    const client = tables.client({
      before: async (operation) => {
        if (block && operation === 'transact') await new Promise<void>((resolve) => (blocked = resolve));
        return 'answered';
      },
    });
    const gate = makeGate(client, { clock });
    await (await gate.hold(call(usd(0.01)))).settle(costing(usd(0.01)), 'succeeded');
    await clock.pass(1_500);
    block = true;
    const ticking = gate.tick();
    await settled();
    const holding = gate.hold(call(usd(0.01)));
    await settled();
    block = false;
    blocked?.();
    await ticking;
    const hold = await holding;
    expect(stateOf(tables).heldNano).toBeGreaterThanOrEqual(hold.heldNanoUsd);
  });

  test('what a dead process held ends as spent, and its calls in flight as events', async () => {
    const world = new World(['answered'], [0]);
    const [entry] = world.gates;
    if (!entry) throw new Error('no process');
    const hold = await entry.gate.hold(call(usd(0.1), { eventId: '00000000-0000-7000-8000-00000000dead' }));
    const clock = world.clock;
    await clock.pass(1_000);
    await entry.gate.tick();
    entry.dead.is = true;
    await world.expire();
    expect(world.abandoned.size).toBe(0);
    await clock.pass(LEASE_MS + 20_000);
    await world.expire();
    await world.expire();
    expect([...world.abandoned]).toEqual(['00000000-0000-7000-8000-00000000dead']);
    const state = stateOf(world.tables, world.limitId);
    expect(state.heldNano).toBe(0n);
    expect(state.abandonedNano).toBe(state.settledNano);
    expect(state.settledNano).toBeGreaterThanOrEqual(hold.heldNanoUsd);
    await clock.pass(3_700_000);
    await world.expire();
    expect(world.tables.rows('limitholders')).toEqual([]);
  });
});
