/** Pay-i's ids look like UUIDs. Ours count, so that the row can be read from the id again. */
export const requestId = (row: number): string => `00000000-0000-4000-8000-${row.toString(16).padStart(12, '0')}`;

/** The row of a request id; undefined when it is unknown. */
export function rowOf(id: string): number | undefined {
  const hex = /^00000000-0000-4000-8000-([0-9a-f]{12})$/.exec(id)?.[1];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}
