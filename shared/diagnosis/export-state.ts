import type { ExportFiles } from '../export/usage-export.ts';
import { exportedBefore } from '../export/usage-export.ts';
import type { Tables } from '../tables/table.ts';
import { closedBefore } from '../usage/rollups/late-marks.ts';
import { HOUR_MS, startOfSpan } from '../usage/spans.ts';
import { type Finding, well } from './check.ts';

/** The timer writes an hour within half an hour of its end; after this it stands still. */
const STANDS_STILL_MS = 6 * HOUR_MS;

/** Is each ended hour written to files? @param files absent where the export is off @throws ExportStoreError, TableError */
export async function checkExport(
  tables: Tables,
  files: (() => Promise<ExportFiles>) | undefined,
  nowMs: number,
): Promise<Finding> {
  if (!files) return well('It is off: EXPORT_CONTAINER is not set.');
  const { store } = await files();
  for await (const _ of store.list()) break;
  const before = await exportedBefore(tables);
  if (before === undefined) return well('The container can be read; no hour was written yet.');
  const behindMs = startOfSpan(closedBefore(nowMs)) - startOfSpan(before);
  if (behindMs < STANDS_STILL_MS) return well(`The container can be read; hours before ${before} (UTC) are in files.`);
  return {
    ok: false,
    found: `Hours from ${before} (UTC) on are not in files, ${behindMs / HOUR_MS} of them.`,
    mend: 'Look whether the timer usage-export runs, and for its errors in the log. After it was off for long it catches up by itself.',
  };
}
