import { type AlertRow, deadAlerts } from '../limits/alerts/alert-outbox.ts';
import type { Table } from '../tables/table.ts';
import { DAY_MS } from '../util/days.ts';
import type { Fault } from './check.ts';

/** An alert is tried for a day before it is given up. */
const RECENT_MS = 3 * DAY_MS;

/** Were alerts of limits given up that were made within three days? @throws TableError */
export async function checkDeadAlerts(table: Table<AlertRow>, nowMs: number): Promise<Fault[]> {
  const counts = new Map<string, number>();
  for await (const { createdAt, lastError } of deadAlerts(table))
    if (createdAt.getTime() > nowMs - RECENT_MS) counts.set(lastError, (counts.get(lastError) ?? 0) + 1);
  return [...counts].map(([error, count]) => ({
    found: `${count} alert${count === 1 ? '' : 's'} of limits could not be delivered for a day: ${error}.`,
    mend: 'Look at LIMIT_WEBHOOK_URL and the settings LIMIT_EMAIL_…, and whether the targets take requests.',
  }));
}
