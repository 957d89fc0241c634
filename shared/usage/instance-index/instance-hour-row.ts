import { hash } from 'node:crypto';
import type { InstanceMinutes } from '../../ledger/instance-minutes.ts';
import type { RowKey } from '../../tables/table.ts';
import { fromColumns, type TextColumns, toColumns } from '../../tables/text-columns.ts';

/**
 * In which minutes of an hour there are events of the instances whose hashes begin alike. The key is that beginning, the hour and a
 * digest of the content: a run that read less of the ledger writes another row, and what is found is what all rows of the hour have.
 */
export interface InstanceHourRow extends RowKey, TextColumns {
  hour: string;
}

const PARTITION = 'hours';
/** An hour with more minutes of instances than this is written in rows of 2 characters, 4,096 of them, instead of 64. */
const FEW = 8_192;
const beginnings = [1, 2];
const DIGEST_LENGTH = 12;

/** The minute of the hour (`05`), and the hashes one behind the other. */
type Content = [minute: string, hashes: string][];

/** The rows of an hour; the same for the same content. */
export function instanceHourRows(hour: string, minutes: InstanceMinutes): InstanceHourRow[] {
  const sorted = minutes.sorted();
  const entries = sorted.reduce((sum, [, hashes]) => sum + hashes.length, 0);
  const length = entries > FEW ? 2 : 1;
  const contents = new Map<string, Map<string, string>>();
  for (const [minute, hashes] of sorted) {
    for (const one of hashes) {
      const beginning = one.slice(0, length);
      const content = contents.get(beginning) ?? new Map<string, string>();
      const key = minute.slice(14);
      contents.set(beginning, content.set(key, (content.get(key) ?? '') + one));
    }
  }
  return [...contents].map(([beginning, content]) => {
    const text = JSON.stringify([...content] satisfies Content);
    const digest = hash('sha256', text, 'base64url').slice(0, DIGEST_LENGTH);
    return { partitionKey: PARTITION, rowKey: `${beginning}!${hour}!${digest}`, hour, ...toColumns(text) };
  });
}

/** Where the rows are that may know the instance. */
export const queriesFor = (instance: string): { partitionKey: string; from: string; before: string }[] =>
  beginnings.map((length) => {
    const beginning = instance.slice(0, length);
    // `"` comes after `!`.
    return { partitionKey: PARTITION, from: `${beginning}!`, before: `${beginning}"` };
  });

/** Minutes of the row in which the instance may have events. */
export function minutesInRow(row: InstanceHourRow, instance: string): string[] {
  const content = JSON.parse(fromColumns(row)) as Content;
  return content.flatMap(([minute, hashes]) => (hashes.includes(instance) ? [`${row.hour}:${minute}`] : []));
}
