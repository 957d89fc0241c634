import type { Amounts } from './amounts.ts';
import type { BookName } from './day-books.ts';

/** What the provider reports for a model with the same modifiers. Costs are nano-USD. */
export interface ProviderLine extends BookName {
  amounts: Amounts;
  /** As it is billed. */
  cost: bigint;
  /** By the provider's list prices. */
  listCost: bigint;
}

/** The provider's own report of a day. */
export interface ProviderBook {
  /** The category of its models. */
  category: string;
  lines: ProviderLine[];
  /** What is billed and is not a model's, such as `code_execution`; nano-USD. */
  besides: ReadonlyMap<string, bigint>;
  /** Until when it is complete: ms, UTC; undefined where the provider does not say. */
  refreshedMs: number | undefined;
}
