import type { IngestItem } from '../ingest/item.ts';

/** Splits a rich item the way single ingest wants it: attribution in headers, the rest in the body. */
export function attributionHeaders(item: IngestItem): { headers: Record<string, string>; body: object } {
  const {
    use_case_name,
    use_case_id,
    use_case_version,
    use_case_step,
    user_id,
    account_name,
    limit_ids,
    scope,
    ...body
  } = item;
  const given: [string, string | undefined][] = [
    ['xProxy-UseCase-Name', use_case_name],
    ['xProxy-UseCase-ID', use_case_id],
    ['xProxy-UseCase-Version', use_case_version?.toString()],
    ['xProxy-UseCase-Step', use_case_step],
    ['xProxy-User-ID', user_id],
    ['xProxy-Account-Name', account_name],
    ['xProxy-Resource-Scope', scope],
    ['xProxy-Limit-IDs', limit_ids?.join(',')],
  ];
  const headers = given.flatMap(([name, value]) => (value ? [[name, headerText(value)] as const] : []));
  return { headers: Object.fromEntries(headers), body };
}

/**
 * Any text as a header value: its UTF-8 bytes, one character each (fetch refuses anything above U+00FF), control
 * characters as blanks so that no value can end its header.
 */
const headerText = (text: string): string => Buffer.from(text.replace(/\p{Cc}/gu, ' '), 'utf8').toString('latin1');
