import type { HttpAnswer } from '../http/answer.ts';
import { usageCsv, usageNdjson } from '../usage/answers/usage-csv.ts';
import type { UsageReport } from '../usage/answers/usage-report.ts';

/** A report of usage as text. Where the next page begins is in a header: rows are all that the text has. */
export function usageText(report: UsageReport, format: 'csv' | 'ndjson'): HttpAnswer {
  const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8';
  return {
    status: 200,
    headers: {
      'content-type': type,
      'cache-control': 'no-store',
      ...(report.next !== null && { 'x-next-cursor': report.next }),
    },
    body: format === 'csv' ? usageCsv(report) : usageNdjson(report),
  };
}
