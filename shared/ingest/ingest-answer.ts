import type { BulkIngestResponse } from '../payi/ingest/ingest.ts';
import type { XproxyResult } from '../payi/ingest/xproxy-result.ts';
import { PayiError } from '../payi/transport/error.ts';
import { fromUsd } from '../util/money.ts';
import { classifyAnswer, type Delivered, type IngestResult } from './ingest-result.ts';

/** What a bulk's answer says of each item. An answer that does not add up leaves the items that it names no error for in doubt. */
export function perItem({ ingest_count, errors }: BulkIngestResponse, length: number): IngestResult[] {
  const failures = errors ?? [];
  const addsUp = ingest_count + failures.length === length && failures.every(({ item_index }) => item_index != null);
  const rest: IngestResult = addsUp
    ? { kind: 'accepted' }
    : { kind: 'uncertain', code: 'counts_differ', reason: `Pay-i counted ${ingest_count} of ${length} items.` };
  const verdicts: IngestResult[] = new Array(length).fill(rest);
  for (const { item_index, xproxy_result } of failures) {
    if (item_index == null || item_index >= length) continue;
    verdicts[item_index] = classifyAnswer({
      status: xproxy_result?.statusCode ?? 400,
      code: xproxy_result?.xproxy_error?.code ?? undefined,
      reason: xproxy_result?.xproxy_error?.message ?? xproxy_result?.message ?? 'no reason given',
    });
  }
  return verdicts;
}

/** What the answer to a single event, or to a look-up, says of it. */
export function delivered(result: XproxyResult): Delivered {
  const usd = result.cost?.total?.base;
  return {
    kind: result.duplicate_request ? 'duplicate' : 'accepted',
    requestId: result.request_id ?? undefined,
    costNanoUsd: usd == null ? undefined : fromUsd(usd),
  };
}

/** The ingest endpoint seems to be missing; a refusal by Pay-i has a code. */
export const isMissing = (error: unknown): boolean =>
  error instanceof PayiError &&
  error.kind === 'rejected' &&
  error.payiCode === undefined &&
  [403, 404, 405, 501].includes(error.payiStatus ?? 0);

/** The call was refused because of something in it. */
export const isTooMuch = (error: unknown): boolean =>
  error instanceof PayiError && error.kind === 'rejected' && [400, 413, 422].includes(error.payiStatus ?? 0);
