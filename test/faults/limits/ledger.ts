import { countRefusedWithRoom, type Move, type Refusal, type RefusedWithRoom } from './room.ts';

/** A call that the model got. Moments are ns of the machine's monotonic clock, money is nano-USD. */
export interface ModelCall {
  /** The life of a process that made it. */
  process: number;
  /** When its budget was held. */
  heldAt: bigint;
  held: bigint;
  actual: bigint;
}

/** Budget that a process set aside for calls to come is used or given back by then; it may be older than a miss elsewhere. */
const SET_ASIDE_NS = 2_000_000_000n;

/**
 * What calls really cost, as the model counts it: apart from the tables, and from what the processes believe. A call
 * costs its price as soon as the model got it, whether its process lives to see the answer or not. In nano-USD.
 */
export class Ledger {
  /** The largest that the limit had. */
  maxNano: bigint;
  /** Calls that were made in a cheaper form. */
  fellBack = 0;
  /** What all calls cost that the model got. */
  spent = 0n;
  unreadable = 0;
  /** Σ max(0, actual − held) over the calls that were in flight since the budget of the last one was set aside. */
  missedInFlight = 0n;
  /** What calls of dead processes cost beyond their holds: the tables can't know it. */
  missedByDead = 0n;
  readonly #inFlight = new Map<number, ModelCall>();
  /** Calls that cost more than was held for them. */
  #missed: { settledAt: bigint; missed: bigint }[] = [];
  readonly #settledBy = new Map<number, bigint>();
  readonly #moves: Move[] = [];
  readonly #refusals: Refusal[] = [];

  constructor(maxNano: bigint) {
    this.maxNano = maxNano;
  }

  /** Calls at the model or on their way back. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  get refused(): number {
    return this.#refusals.length;
  }

  model(id: number, call: ModelCall): void {
    this.#inFlight.set(id, call);
    this.spent += call.actual;
    this.#moves.push({ at: call.heldAt, used: call.held, lost: 0n });
    this.#missed = this.#missed.filter(({ settledAt }) => settledAt > call.heldAt - SET_ASIDE_NS);
    const inFlight = [...this.#inFlight.values()].reduce((sum, one) => sum + missOf(one), 0n);
    this.missedInFlight = this.#missed.reduce((sum, { missed }) => sum + missed, inFlight);
  }

  settle(id: number, at: bigint): void {
    const call = this.#inFlight.get(id);
    if (!call) return;
    this.#inFlight.delete(id);
    if (missOf(call) > 0n) this.#missed.push({ settledAt: at, missed: missOf(call) });
    this.#settledBy.set(call.process, this.#settledOf(call.process) + call.actual);
    this.#moves.push({ at, used: call.actual - call.held, lost: 0n });
  }

  refuse(refusal: Refusal): void {
    this.#refusals.push(refusal);
  }

  fail(): void {
    this.unreadable += 1;
  }

  /** A process died. Its calls in flight keep what they hold; what its slice in the table has beside that is lost. */
  die(process: number, slice: { amountNano: bigint; ownSettledNano: bigint } | undefined): void {
    let held = 0n;
    for (const [id, call] of this.#inFlight) {
      if (call.process !== process) continue;
      this.#inFlight.delete(id);
      held += call.held;
      this.missedByDead += missOf(call);
    }
    if (!slice) return;
    const unwritten = this.#settledOf(process) - slice.ownSettledNano;
    const lost = slice.amountNano - unwritten - held;
    if (lost > 0n) this.#moves.push({ at: globalThis.process.hrtime.bigint(), used: 0n, lost });
  }

  refusedWithRoom(): RefusedWithRoom {
    return countRefusedWithRoom(this.maxNano, this.#moves, this.#refusals);
  }

  #settledOf(process: number): bigint {
    return this.#settledBy.get(process) ?? 0n;
  }
}

const missOf = ({ held, actual }: ModelCall): bigint => (actual > held ? actual - held : 0n);
