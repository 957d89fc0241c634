export type Cell = string | number | boolean | null | undefined;

export interface CsvColumn<R> {
  title: string;
  value(row: R): Cell;
}

/** Rows as CSV (RFC 4180) with a header. */
export function toCsv<R>(columns: readonly CsvColumn<R>[], rows: readonly R[]): string {
  const lines = [
    columns.map(({ title }) => field(title)),
    ...rows.map((row) => columns.map((c) => field(c.value(row)))),
  ];
  return lines.map((fields) => `${fields.join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would run as a formula gets an apostrophe. */
function field(cell: Cell): string {
  if (typeof cell === 'number') return numberOf(cell);
  if (typeof cell !== 'string') return cell?.toString() ?? '';
  const text = /^\s*[=+\-@\t\r]/.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Without an exponent: amounts have nine digits behind the point at most. */
const numberOf = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(9).replace(/\.?0+$/, '');
