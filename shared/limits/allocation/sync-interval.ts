/** How long costs and unused budget stay unwritten far from a limit, in ms. */
const FAR_MS = 1_000;
/** And when the limit is about to be full. */
const NEAR_MS = 60;
/** Two looks that are closer tell no pace. */
const LEAST_MS = 100;
/** So many looks before the limit is full. */
const LOOKS = 4;

/** How often a process must look at a limit that others use too: the sooner it will be full at the recent pace, the more often. */
export class SyncInterval {
  #usedNano: bigint | undefined;
  #atMs = 0;
  #everyMs = FAR_MS;

  /** ms between two looks. */
  get everyMs(): number {
    return this.#everyMs;
  }

  /** True when what is given back must be seen by others soon. */
  get near(): boolean {
    return this.#everyMs < FAR_MS;
  }

  /** `used`: spent, and held for calls in flight, by all; `taken`: what calls here took at once; in nano-USD. */
  seen(used: bigint, left: bigint, taken: bigint, nowMs: number): void {
    const nanoPerMs = Math.max(
      Number(used - (this.#usedNano ?? used)) / Math.max(LEAST_MS, nowMs - this.#atMs),
      Number(taken) / LEAST_MS,
    );
    this.#usedNano = used;
    this.#atMs = nowMs;
    const fullInMs = nanoPerMs > 0 ? Number(left) / nanoPerMs : Number.POSITIVE_INFINITY;
    this.#everyMs = Math.min(FAR_MS, Math.max(NEAR_MS, fullInMs / LOOKS));
  }
}
