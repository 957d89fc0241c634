import type { Policy } from '../../../shared/limits/policies/policy.ts';

/** The messages to one process. Money in nano-USD. */
export type ToProcess =
  | { kind: 'start'; connection: string; prefix: string; policy: Policy; ageMs: number }
  | { kind: 'call'; id: number; bound: bigint; forms?: bigint[]; learnedKey?: string }
  | { kind: 'reload' }
  /** The model's answer to `model`, with what the call cost. */
  | { kind: 'answer'; id: number; actual: bigint }
  /** So much time has passed at once. */
  | { kind: 'leap'; ms: number }
  | { kind: 'close' };

/** What one process says. Moments are ns of the machine's monotonic clock. */
export type FromProcess =
  | { kind: 'ready' }
  /** The call was let through and its request goes to the model: from here on it costs money. */
  | { kind: 'model'; id: number; heldAt: bigint; held: bigint; ownerId: string; place?: number | undefined }
  | { kind: 'settled'; id: number; settledAt: bigint }
  | { kind: 'refused'; id: number; askedAt: bigint; refusedAt: bigint; needed: bigint }
  /** 503: the tables could not be read. */
  | { kind: 'unreadable'; id: number };
