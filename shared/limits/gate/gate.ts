import type { Outcome } from '../../events/usage-event.ts';
import type { ScopedCall } from '../policies/limit-id.ts';

/** A call that asks for budget. */
export interface HoldRequest extends ScopedCall {
  /** What the call can cost at most, in nano-USD, by the cheap bound and by the exact one (asked only when the first does not fit). */
  boundNanoUsd: bigint;
  exactBoundNanoUsd?: () => Promise<bigint>;
  /** Where the request alone bounds nothing (server tools): the key under which this kind of call is learned. */
  learnedKey?: string;
  /** A member of the request without a rule, by name: nothing bounds its cost for certain. */
  unboundedBy?: string;
  /** What of it a crash must turn into an `abandoned` event (L2). */
  eventId: string;
  category: string;
  resource: string;
  useCaseId: string;
}

/** A limit that a call came near to or went past without being refused (L4). Money in nano-USD. */
export interface LimitWarning {
  limitId: string;
  state: 'exceeded' | 'overrun' | 'would_block';
  maxNanoUsd: bigint;
  spentNanoUsd: bigint;
}

/** Budget set aside for one call on every limit that applies. */
export interface Hold {
  readonly id: string;
  /** The limits that the call's event names: those it counts against that exist at Pay-i, allow and block alike. */
  readonly limitIds: string[];
  readonly heldNanoUsd: bigint;
  readonly warnings: LimitWarning[];
  /** Exactly once; a second call does nothing. `actualNanoUsd` null: unknown price, the held amount counts. */
  settle(actualNanoUsd: bigint | null, outcome: Outcome): Promise<void>;
}

export interface Gate {
  /** @throws LimitReachedError (402 `limit_reached`) when a block limit has no room; then nothing is held. */
  hold(request: HoldRequest): Promise<Hold>;
}
