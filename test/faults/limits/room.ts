/** Whether refused calls had room, worked out after the run from moments that the processes noted. Money in nano-USD. */
export interface Refusal {
  /** ns of the machine's monotonic clock. */
  askedAt: bigint;
  refusedAt: bigint;
  needed: bigint;
}

/** A change of what is in use. */
export interface Move {
  at: bigint;
  /** What settled calls cost, and what calls in flight or of dead processes hold. */
  used: bigint;
  /** What lies in slices of dead processes beside that: it counts as spent (L2), though nobody used it. */
  lost: bigint;
}

export interface RefusedWithRoom {
  /**
   * Refused calls that would have fitted, together: for each there was room all the while from its question to its
   * refusal, besides the others that are counted.
   */
  together: number;
  /** The part of them for which the room lay in the slice of a dead process. */
  forLost: number;
  /** Refused calls that would have fitted if only one of them had come: many calls are counted for the same room. */
  each: number;
}

/** A hold that a process learns of so soon after a refusal was being written when the call was refused. */
const UNDER_WAY_NS = 25_000_000n;

export function countRefusedWithRoom(maxNano: bigint, moves: Move[], refusals: Refusal[]): RefusedWithRoom {
  const times = [...moves.map(({ at }) => at), ...refusals.flatMap(({ askedAt, refusedAt }) => [askedAt, refusedAt])];
  const moments = [...new Set(times)].sort((a, b) => (a < b ? -1 : 1));
  const place = new Map(moments.map((at, index) => [at, index]));
  const inOrder = [...refusals].sort((a, b) => (a.refusedAt < b.refusedAt ? -1 : 1));
  const count = (usedOf: (move: Move) => bigint, claim: boolean): number => {
    const used = new Array<number>(moments.length).fill(0);
    for (const move of moves)
      used[place.get(move.at) ?? 0] = (used[place.get(move.at) ?? 0] ?? 0) + Number(usedOf(move));
    for (let index = 1; index < used.length; index++) used[index] = (used[index] ?? 0) + (used[index - 1] ?? 0);
    let fitting = 0;
    for (const { askedAt, refusedAt, needed } of inOrder) {
      const [from, to] = [place.get(askedAt) ?? 0, place.get(refusedAt) ?? 0];
      let most = 0;
      for (let index = from; (moments[index] ?? refusedAt + UNDER_WAY_NS) < refusedAt + UNDER_WAY_NS; index++) {
        most = Math.max(most, used[index] ?? 0);
      }
      if (Number(maxNano) - most < Number(needed)) continue;
      fitting += 1;
      for (let index = from; claim && index <= to; index++) used[index] = (used[index] ?? 0) + Number(needed);
    }
    return fitting;
  };
  const together = count(({ used }) => used, true);
  return {
    together,
    forLost: together - count(({ used, lost }) => used + lost, true),
    each: count(({ used }) => used, false),
  };
}
