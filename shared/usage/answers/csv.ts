/** What a column shows of a row. Numbers that may need an exponent are written by `decimals`. */
export type Column<T> = [name: string, valueOfRow: (row: T) => string | number | null | undefined];

/** Rows as CSV (RFC 4180) with a header. */
export function csvOf<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const lines = rows.map((row) => columns.map(([, valueOfRow]) => cellOf(valueOfRow(row))).join(','));
  return [columns.map(([name]) => name).join(','), ...lines, ''].join('\r\n');
}

/** Without an exponent; nano-USD are the smallest. */
export const decimals = (usd: number | null): string => usd?.toFixed(9).replace(/\.?0+$/, '') ?? '';

/** A text that a spreadsheet would run as a formula gets an apostrophe. */
function cellOf(value: string | number | null | undefined): string {
  if (typeof value !== 'string') return value?.toString() ?? '';
  const text = /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
