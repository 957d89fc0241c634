import { count } from '../format/numbers.ts';
import { Name } from './name.tsx';
import type { Column } from './table.tsx';
import { Time } from './time.tsx';
import { Usd } from './usd.tsx';

/** A column of names that callers chose. */
export const nameColumn = <R,>(title: string, value: (row: R) => string | null | undefined): Column<R> => ({
  title,
  value,
  show: (row) => <Name text={value(row)} />,
});

/** A column of whole numbers. */
export const countColumn = <R,>(title: string, value: (row: R) => number): Column<R> => ({
  title,
  value,
  show: (row) => count(value(row)),
  isNumber: true,
});

/** A column of amounts in USD; null where the price is unknown. */
export const usdColumn = <R,>(title: string, value: (row: R) => number | null): Column<R> => ({
  title,
  value,
  show: (row) => <Usd value={value(row)} />,
  isNumber: true,
});

/** A column of times, ISO in UTC. */
export const timeColumn = <R,>(title: string, value: (row: R) => string): Column<R> => ({
  title,
  value,
  show: (row) => <Time at={value(row)} />,
});
