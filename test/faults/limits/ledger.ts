interface Asked {
  bound: bigint;
  /** Most that was in use at any moment since it was asked. */
  mostUsed: bigint;
}

interface InFlight {
  process: number;
  held: bigint;
  actual: bigint;
}

/**
 * What calls really cost, as the model counts it: apart from the tables, and from what the processes believe. A call
 * costs its price as soon as the model got it, whether its process lives to see the answer or not. In nano-USD.
 */
export class Ledger {
  readonly maxNano: bigint;
  /** What all calls cost that the model got. */
  spent = 0n;
  refused = 0;
  /** Refused although there was room for the call all the while from its question to its refusal. */
  refusedWithRoom = 0;
  unreadable = 0;
  /** Σ max(0, actual − held) over the calls that were in flight when the last one was let through. */
  missedInFlight = 0n;
  /** What calls of dead processes cost beyond their holds: the tables can't know it. */
  missedByDead = 0n;
  readonly #asked = new Map<number, Asked>();
  readonly #inFlight = new Map<number, InFlight>();
  #settled = 0n;
  #held = 0n;
  /** Holds of dead processes: they count as spent (L2). */
  #abandoned = 0n;

  constructor(maxNano: bigint) {
    this.maxNano = maxNano;
  }

  /** Calls at the model or on their way back. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  ask(id: number, bound: bigint): void {
    this.#asked.set(id, { bound, mostUsed: this.#used });
  }

  model(id: number, call: InFlight): void {
    this.#asked.delete(id);
    this.#inFlight.set(id, call);
    this.spent += call.actual;
    this.#held += call.held;
    this.missedInFlight = [...this.#inFlight.values()].reduce((sum, one) => sum + missOf(one), 0n);
    for (const asked of this.#asked.values()) if (asked.mostUsed < this.#used) asked.mostUsed = this.#used;
  }

  settle(id: number): void {
    const call = this.#inFlight.get(id);
    if (!call) return;
    this.#inFlight.delete(id);
    this.#held -= call.held;
    this.#settled += call.actual;
  }

  /** `needed`: what would have been held. */
  refuse(id: number, needed: bigint): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    this.refused += 1;
    if (asked && this.maxNano - asked.mostUsed >= needed) this.refusedWithRoom += 1;
  }

  fail(id: number): void {
    this.#asked.delete(id);
    this.unreadable += 1;
  }

  /** The process of this call died before it got an answer. */
  forget(id: number): void {
    this.#asked.delete(id);
  }

  die(process: number): void {
    for (const [id, call] of this.#inFlight) {
      if (call.process !== process) continue;
      this.#inFlight.delete(id);
      this.#held -= call.held;
      this.#abandoned += call.held;
      this.missedByDead += missOf(call);
    }
  }

  get #used(): bigint {
    return this.#settled + this.#held + this.#abandoned;
  }
}

const missOf = ({ held, actual }: InFlight): bigint => (actual > held ? actual - held : 0n);
