import type { Table } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import type { LimitRow, StateRow } from '../state/limit-rows.ts';
import type { FirstUse } from './first-use.ts';

/** What an account needs of its process. */
export interface AccountContext {
  table: Table<LimitRow>;
  clock: Clock;
  /** Of [0, 1). */
  random(): number;
  ownerId: string;
  firstUse: FirstUse;
  /** Resolves when a slice of this limit may be written: if this process dies, others will find it. */
  ready(limitId: string): Promise<void>;
  /** True while no other process can take this one for dead. */
  alive(): boolean;
  /** The limit has come to a level (an index of `levels`) by a write of this process. */
  crossed(limitId: string, state: StateRow): void;
}
