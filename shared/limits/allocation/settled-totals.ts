/** A total of costs and since when it is one: ms, UTC. */
interface Total {
  atMs: number;
  nano: bigint;
}

const SECOND_MS = 1_000;
/** Costs are written each second; only while the table fails there are more. */
const MOST = 600;

/** What calls had cost all in all at some time, to the second, as far as that is not written. */
export class SettledTotals {
  #totals: Total[] = [];

  add(atMs: number, nano: bigint): void {
    const last = this.#totals.at(-1);
    if (last && atMs - last.atMs < SECOND_MS) last.nano = nano;
    else this.#totals.push({ atMs, nano });
    const [first, second] = this.#totals;
    if (this.#totals.length <= MOST || !first || !second) return;
    // Later costs count as earlier ones: what a rebuild does not have yet, its next look adds.
    second.atMs = first.atMs;
    this.#totals.shift();
  }

  /** The total of what was settled until then; 0: nothing, or all of that is written. */
  at(ms: number): bigint {
    return this.#totals.findLast(({ atMs }) => atMs <= ms)?.nano ?? 0n;
  }

  /** So much is written. */
  forget(nano: bigint): void {
    this.#totals = this.#totals.filter((total) => total.nano > nano);
  }

  /** Counts so much off all totals. */
  countOff(nano: bigint): void {
    this.#totals = this.#totals
      .map(({ atMs, nano: total }) => ({ atMs, nano: total - nano }))
      .filter((total) => total.nano > 0n);
  }
}
