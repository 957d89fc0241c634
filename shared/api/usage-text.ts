import type { HttpAnswer } from '../http/answer.ts';
import { usageCsv, usageNdjson } from '../usage/answers/usage-csv.ts';
import { usageFocus } from '../usage/answers/usage-focus.ts';
import type { UsageReport } from '../usage/answers/usage-report.ts';
import type { usageFormats } from '../usage/answers/usage-request.ts';

type UsageTextFormat = Exclude<(typeof usageFormats)[number], 'json'>;

const writers: Record<UsageTextFormat, (report: UsageReport) => string> = {
  csv: usageCsv,
  ndjson: usageNdjson,
  focus: usageFocus,
};

/** A report of usage as text. Where the next page begins is in a header: rows are all that the text has. */
export function usageText(report: UsageReport, format: UsageTextFormat): HttpAnswer {
  const type = format === 'ndjson' ? 'application/x-ndjson; charset=utf-8' : 'text/csv; charset=utf-8';
  return {
    status: 200,
    headers: {
      'content-type': type,
      'cache-control': 'no-store',
      ...(report.next !== null && { 'x-next-cursor': report.next }),
    },
    body: writers[format](report),
  };
}
