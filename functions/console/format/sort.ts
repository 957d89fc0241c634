import type { Cell, CsvColumn } from './csv.ts';

/** The column by which rows stand in order. */
export interface Order {
  title: string;
  down: boolean;
}

/** The rows in order; rows without a value come last. */
export function sortRows<R>(columns: readonly CsvColumn<R>[], rows: readonly R[], order: Order | undefined): R[] {
  const column = columns.find(({ title }) => title === order?.title);
  if (!column || !order) return [...rows];
  const sign = order.down ? -1 : 1;
  return rows
    .map((row) => ({ row, cell: column.value(row) }))
    .sort((a, b) => {
      const [isEmpty, isOtherEmpty] = [isNothing(a.cell), isNothing(b.cell)];
      if (isEmpty || isOtherEmpty) return Number(isEmpty) - Number(isOtherEmpty);
      return sign * compare(a.cell, b.cell);
    })
    .map(({ row }) => row);
}

const isNothing = (cell: Cell): boolean => cell === null || cell === undefined || cell === '';

function compare(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b));
}
