import type { Policy } from '../../../../shared/limits/policies/policy.ts';

/** The messages to one process. */
export type ToAttacker =
  | { kind: 'start'; connection: string; prefix: string; policy: Policy; modelUrl: string }
  /** So many calls at once. */
  | { kind: 'calls'; count: number; stream: boolean; prompt: string; maxTokens: number }
  | { kind: 'close' };

/** How calls ended. Money in nano-USD. */
export interface AttackEnds {
  answered: number;
  refused: number;
  /** Streams that the limit ended. */
  ended: number;
  failed: string[];
  /** What the usage events say that they cost. */
  spent: bigint;
}

export type FromAttacker = { kind: 'ready' } | ({ kind: 'ends' } & AttackEnds);
