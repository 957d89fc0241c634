import type { Property } from './content.ts';

/** What a receiver wants done with a message. */
export type Outcome =
  | { kind: 'complete' }
  /** Never reached its receiver: back in its place, not counted as a delivery. */
  | { kind: 'release' }
  | { kind: 'abandon' | 'defer'; properties: readonly Property[] }
  | DeadLettering;

export interface DeadLettering {
  kind: 'dead-letter';
  reason?: string | undefined;
  description?: string | undefined;
  properties: readonly Property[];
}

/** What came of it. */
export type Settled = 'settled' | 'lock-lost' | 'not-allowed';
