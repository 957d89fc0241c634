import type { Outcome } from '../../events/usage-event.ts';
import type { BoundExplanation } from '../policies/explanation.ts';
import type { ScopedCall } from '../policies/scope-keys.ts';
import type { CallAmounts, CallUse, LimitUnit } from '../policies/units.ts';
import type { Estimate } from '../state/foresee.ts';

/** A call that asks for budget. */
export interface HoldRequest extends ScopedCall {
  /** What the call can use at most, by the cheap bound and by the exact one (asked only when the first does not fit). */
  bound: CallAmounts;
  exactBound?: () => Promise<CallAmounts>;
  /** A member of the request without a rule, by name: nothing bounds its cost for certain. */
  unboundedBy?: string;
  /** Only for calls whose server tools add costs that nothing in the request bounds. */
  serverTools?: ServerToolsBound;
  /**
   * What makes up the bound, and what would make it fit into what is left. `tools`: what a learned bound adds for server tools;
   * undefined where nothing is learned. Amounts in the unit.
   */
  explain?(unit: LimitUnit, left: bigint, tools: bigint | undefined): BoundExplanation;
  /** Cheaper forms in which the call may be made where a `fall_back` limit has no room for it, the best first; absent: none. */
  cheaper?(): readonly HoldRequest[];
  /** What of it a crash must turn into an `abandoned` event (L2). */
  eventId: string;
  category: string;
  resource: string;
  useCaseId: string;
}

/**
 * How a call with server tools is bounded where a policy allows learned bounds: what is certain, and on top of it what such
 * tools have used.
 */
export interface ServerToolsBound {
  /** The kind of call, one of a bounded number. What its tools use is remembered by policy and kind. */
  kind: string;
  /** What the request alone can use: its input once, `max_tokens`, and the searches that it allows. Always held. */
  certain: CallAmounts;
  /** The same with the input as the provider counts it; asked only when the first does not fit. */
  exactCertain?: () => Promise<CallAmounts>;
  /** One more turn with usual results. No less is ever held on top of what is certain. */
  turn: CallAmounts;
  /** True where the call reports its use while it runs (`Hold.cover`). */
  isStream: boolean;
}

/** What a limit in shadow would have done. */
export const shadowStates = ['would_block', 'would_ask', 'would_fall_back'] as const;
export type ShadowState = (typeof shadowStates)[number];

export const isShadowState = (state: string): state is ShadowState =>
  (shadowStates as readonly string[]).includes(state);

/** Which cheaper form of a call is held. */
export interface FellBack {
  /** Its place in `HoldRequest.cheaper`, from 0. */
  place: number;
  /** The limit that had no room for the call as it was asked. */
  limitId: string;
}

/** A limit that a call came near to or went past without being refused (L4). Amounts in its unit. */
export interface LimitWarning {
  limitId: string;
  state: 'exceeded' | 'overrun' | ShadowState;
  /** Other users share it: callers who are not admins get no figures of it. */
  isShared: boolean;
  unit: LimitUnit;
  max: bigint;
  spent: bigint;
  /** Where it can be foreseen that the maximum will be spent in this period: when (ms, UTC). */
  exhaustedMs?: Estimate<number | null>;
}

/** Budget set aside for one call on every limit that applies. */
export interface Hold {
  readonly id: string;
  /** The limits that the call's event names: those it counts against that exist at Pay-i, allow and block alike. */
  readonly limitIds: string[];
  /** The most that one of its limits in USD holds, in nano-USD. */
  readonly heldNanoUsd: bigint;
  readonly warnings: LimitWarning[];
  /** Absent: the call is held as it was asked. */
  readonly fellBack?: FellBack | undefined;
  /**
   * Holds so much for what server tools have used and are about to use, by taking more where less is held. A call that this
   * refuses must be ended and settled. Does nothing for calls without `serverTools`.
   * @throws LimitReachedError when a block limit has no room; LimitsUnreadableError when its state can't be read
   */
  cover(tools: CallAmounts): Promise<void>;
  /**
   * Exactly once; a second call does nothing. Of an amount that is not known the held one counts; `actual` null: nothing is known.
   * `tools`: the part of it that server tools added, which is learned.
   */
  settle(actual: CallUse | null, outcome: Outcome, tools?: CallAmounts): Promise<void>;
}

export interface Gate {
  /** @throws LimitReachedError (402 `limit_reached`) when a block limit has no room; then nothing is held. */
  hold(request: HoldRequest): Promise<Hold>;
}

/** Holds that outlive their process, such as those of batches: whoever learns the outcome settles them. */
export interface LastingHolds {
  /**
   * Holds under an id of the caller's, a UUID of version 7, until it is settled or abandoned.
   * @throws LimitReachedError when a block limit has no room; then nothing is held
   */
  hold(request: HoldRequest, id: string): Promise<Hold>;
  /** The hold becomes what was used. Doing it again changes nothing. Of an amount that is not known the held one counts. */
  settle(id: string, used: CallUse | null): Promise<void>;
  /** Nobody can learn the outcome: the hold becomes an `abandoned` event within minutes, and counts until an admin corrects it. */
  abandon(id: string): Promise<void>;
}
