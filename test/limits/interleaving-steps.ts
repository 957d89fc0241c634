import fc from 'fast-check';
import type { Fate } from '../support/memory-tables.ts';

/**
 * `changes`: of users, with changes of the maximum while calls are in flight. `fall_back`: calls have cheaper forms. `approvals`: of
 * users, who ask for more, which an admin approves while calls are in flight.
 */
export type Scope = 'global' | 'user' | 'units' | 'changes' | 'fall_back' | 'approvals';

export type Step =
  | { do: 'call'; at: number; bound: number; share: number; learned: boolean }
  | { do: 'settle'; place: number }
  | { do: 'cover'; place: number; amount: number }
  | { do: 'tick' | 'close' | 'crash'; at: number }
  | { do: 'change'; share: number; isOverride: boolean }
  | { do: 'decide'; place: number; isApproved: boolean }
  | { do: 'expire' | 'payi' | 'pass' | 'pass-long' | 'reset' };

const gateNumber = fc.nat(2);
const stepsWith = (learned: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('call' as const),
        at: gateNumber,
        bound: fc.integer({ min: 1, max: 300 }),
        share: fc.integer({ min: 0, max: 100 }),
        learned: fc.constant(false),
      }),
    },
    {
      weight: learned ? 4 : 0,
      arbitrary: fc.record({
        do: fc.constant('call' as const),
        at: gateNumber,
        bound: fc.integer({ min: 1, max: 600 }),
        // Of a bound that the gate replaces by a learned one: now and then a call costs more than was held for it.
        share: fc.integer({ min: 0, max: 100 }),
        learned: fc.constant(true),
      }),
    },
    {
      weight: learned ? 4 : 0,
      arbitrary: fc.record({
        do: fc.constant('cover' as const),
        place: fc.nat(50),
        amount: fc.integer({ min: 1, max: 600 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('settle' as const), place: fc.nat(50) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('tick' as const), at: gateNumber }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), at: gateNumber }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), at: gateNumber }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom('expire', 'payi', 'pass', 'pass-long', 'reset') as fc.Arbitrary<'expire'>,
      }),
    },
  );

/** An admin raises and lowers the maximum, of all users or of the one that is looked at. */
const changes: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('change' as const),
  share: fc.constantFrom(20, 50, 80, 100),
  isOverride: fc.boolean(),
});
/** An admin approves or denies what a caller asks for. */
const decisions: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('decide' as const),
  place: fc.nat(3),
  isApproved: fc.constantFrom(true, true, false),
});
/** Calls without room wait for a while before they are refused. */
const passing: fc.Arbitrary<Step> = fc.constant({ do: 'pass' });
export function stepsOf(learned: boolean, scope: Scope): fc.Arbitrary<Step> {
  const usual = { weight: 8, arbitrary: stepsWith(learned) };
  switch (scope) {
    case 'changes':
      return fc.oneof(usual, { weight: 1, arbitrary: changes });
    case 'fall_back':
      return fc.oneof(usual, { weight: 2, arbitrary: passing });
    case 'approvals':
      return fc.oneof(usual, { weight: 2, arbitrary: passing }, { weight: 2, arbitrary: decisions });
    default:
      return stepsWith(learned);
  }
}

/** What happens to the requests, one after the other, over and over. */
export const fates = fc.array(fc.constantFrom<Fate>('answered', 'answered', 'answered', 'answered', 'lost', 'unsent'), {
  minLength: 1,
  maxLength: 40,
});
