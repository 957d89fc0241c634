import { split } from '../util/split.ts';
import { MAX_CHANGES, MAX_TRANSACTION_BYTES, type RowKey, sizeOf } from './table.ts';

/** Rows of one partition in order, in runs of which each fits an entity group transaction. */
export const transactionsOf = <R extends RowKey>(rows: R[]): R[][] =>
  split(rows, sizeOf, MAX_CHANGES, MAX_TRANSACTION_BYTES);
