import { expect, test } from 'vitest';
import { costing } from '../support/amounts.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, makeGate, policy, quiet, recorder, stateOf, totalOf, usd } from './helpers.ts';

const falling = policy({ type: 'fall_back', maxUsd: 1 });
/** A call of 2 USD that may be made for less. */
const askedFor = (...forms: number[]) => ({ cheaper: () => forms.map((amount) => call(usd(amount))) });

test('a call without room is held in the first cheaper form that fits', async () => {
  const tables = new MemoryTables();
  const gate = makeGate(tables, { policies: [falling] });
  const hold = await gate.hold(call(usd(2), askedFor(1.5, 0.8, 0.1)));
  expect(hold.fellBack).toEqual({ place: 1, limitId: 'daily:2026-11-23' });
  expect(hold.heldNanoUsd).toBe(usd(0.8));
  expect(totalOf(stateOf(tables))).toBe(usd(0.8));
  await hold.settle(costing(usd(0.7)), 'succeeded');
  await gate.close();
  expect(totalOf(stateOf(tables))).toBe(usd(0.7));
});

test('a call that fits is made as it was asked', async () => {
  const gate = makeGate(new MemoryTables(), { policies: [falling] });
  const hold = await gate.hold(call(usd(0.9), askedFor(0.1)));
  expect([hold.fellBack, hold.heldNanoUsd]).toEqual([undefined, usd(0.9)]);
});

test('where no form fits or none is permitted the call is refused as it was asked, once', async () => {
  const refused: bigint[] = [];
  const tables = new MemoryTables();
  const gate = makeGate(tables, { policies: [falling], refused: (_limit, _life, needed) => refused.push(needed) });
  for (const facts of [askedFor(1.5, 1.2), {}])
    await expect(gate.hold(call(usd(2), facts))).rejects.toMatchObject({
      code: 'limit_reached',
      details: { neededUsd: 2 },
    });
  expect(refused).toEqual([usd(2), usd(2)]);
  await gate.close();
  expect(totalOf(stateOf(tables))).toBe(0n);
});

test('the strictest of the limits without room decides, and a form must fit all limits of its own', async () => {
  const block = policy({ name: 'hard', maxUsd: 1.5 });
  const strict = makeGate(new MemoryTables(), { policies: [falling, block] });
  await expect(strict.hold(call(usd(2), askedFor(0.1)))).rejects.toMatchObject({ details: { limitId: /^hard:/ } });
  const both = makeGate(new MemoryTables(), { policies: [falling, { ...falling, name: 'less', maxUsd: 0.3 }] });
  expect((await both.hold(call(usd(2), askedFor(0.8, 0.2)))).fellBack).toMatchObject({ place: 1 });
});

test('a form of another model counts on the limits of that model', async () => {
  const perModel = policy({ name: 'models', scope: 'model', type: 'fall_back', maxUsd: 1 });
  const tables = new MemoryTables();
  const gate = makeGate(tables, { policies: [perModel] });
  const cheaper = () => [call(usd(2), { models: ['b'] }), call(usd(0.5), { models: ['c'] })];
  const hold = await gate.hold(call(usd(3), { models: ['a'], cheaper }));
  expect(hold.fellBack).toEqual({ place: 1, limitId: 'models:2026-11-23:a' });
  expect(stateOf(tables, 'models:2026-11-23:c').heldNano).toBe(usd(0.5));
});

test('a limit in shadow lets the call pass as it was asked, and says what it would have done', async () => {
  const shadow = { ...falling, shadow: true };
  const telemetry = recorder();
  const gate = makeGate(new MemoryTables(), { policies: [shadow], telemetry });
  const first = await gate.hold(call(usd(2), askedFor(0.5)));
  const second = await gate.hold(call(usd(2), askedFor(0.5)));
  expect([first.fellBack, first.warnings]).toMatchObject([undefined, [{ state: 'would_fall_back' }]]);
  // What passed counts, so that not even the cheaper form has room.
  expect(second.warnings).toMatchObject([{ state: 'would_block' }]);
  expect(telemetry.lines.filter((line) => line.startsWith('limit-'))).toEqual([
    'limit-would-fall-back',
    'limit-in-shadow',
    'limit-would-block',
    'limit-in-shadow',
  ]);
  const blocking = makeGate(new MemoryTables(), { policies: [{ ...shadow, type: 'block' }], telemetry: quiet });
  expect((await blocking.hold(call(usd(2), askedFor(0.5)))).warnings).toMatchObject([{ state: 'would_block' }]);
});
