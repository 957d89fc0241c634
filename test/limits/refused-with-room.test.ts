import { expect, test } from 'vitest';
import { countRefusedWithRoom, type Move } from '../faults/limits/room.ts';

const MS = 1_000_000n;
const move = (at: number, used: number, lost = 0): Move => ({
  at: BigInt(at) * MS,
  used: BigInt(used),
  lost: BigInt(lost),
});
const refusal = (askedAt: number, refusedAt: number, needed: number) => ({
  askedAt: BigInt(askedAt) * MS,
  refusedAt: BigInt(refusedAt) * MS,
  needed: BigInt(needed),
});
const moves = [move(0, 90), move(100, 8), move(200, -8), move(300, 5, 5)];

test.each([
  ['there was room all the while', [refusal(210, 250, 10)], { together: 1, forLost: 0, each: 1 }],
  ['there was none at one moment', [refusal(50, 150, 5)], { together: 0, forLost: 0, each: 0 }],
  ['it was full when it asked', [refusal(120, 250, 5)], { together: 0, forLost: 0, each: 0 }],
  [
    'two waited for the room of one',
    [refusal(210, 250, 6), refusal(220, 260, 6)],
    { together: 1, forLost: 0, each: 2 },
  ],
  ['one after the other', [refusal(210, 230, 6), refusal(240, 260, 6)], { together: 2, forLost: 0, each: 2 }],
  ['another one’s hold was being written', [refusal(50, 90, 5)], { together: 0, forLost: 0, each: 0 }],
  ['the room lay with a dead process', [refusal(310, 350, 4)], { together: 1, forLost: 1, each: 1 }],
])('refused calls that had room: %s', (_, refusals, counted) => {
  expect(countRefusedWithRoom(100n, moves, refusals)).toEqual(counted);
});
