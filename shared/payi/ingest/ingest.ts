import { z } from 'zod';
import { PayiError } from '../transport/error.ts';
import { apiErrorSchema } from '../transport/error-body.ts';
import type { PayiRequest, Transport } from '../transport/transport.ts';
import { readAs } from '../transport/transport.ts';
import type { IngestItem } from './item.ts';
import { xproxyResultSchema } from './xproxy-result.ts';

const bulkResponseSchema = z.looseObject({
  request_id: z.string().nullish(),
  ingest_timestamp: z.string().nullish(),
  ingest_count: z.number(),
  error_count: z.number().nullish(),
  item_error_count: z.number().nullish(),
  total_count: z.number().nullish(),
  errors: z
    .array(z.looseObject({ item_index: z.number().int().min(0).nullish(), xproxy_result: apiErrorSchema.nullish() }))
    .nullish(),
});
/** `errors[].item_index` is the item's place in the array (from 0); the other items were ingested. */
export type BulkIngestResponse = z.infer<typeof bulkResponseSchema>;

const ingestResponseSchema = z.looseObject({
  request_id: z.string(),
  event_timestamp: z.string().nullish(),
  ingest_timestamp: z.string().nullish(),
  xproxy_result: xproxyResultSchema,
});
export type IngestResponse = z.infer<typeof ingestResponseSchema>;

export interface Ingest {
  /** Adds each item. An item that Pay-i already has may be charged twice: look it up first. @throws PayiError */
  bulk(items: readonly IngestItem[]): Promise<BulkIngestResponse>;
  /** Adds each item or updates the one with the same category and response id. Not every account has it. @throws PayiError */
  bulkUpsert(items: readonly IngestItem[]): Promise<BulkIngestResponse>;
  /** Adds one item and says what it cost. @throws PayiError */
  single(item: IngestItem): Promise<IngestResponse>;
}

export function createIngestClient(transport: Transport): Ingest {
  return {
    bulk: (items) => sendBulk(transport, '/ingest/bulk', items),
    bulkUpsert: (items) => sendBulk(transport, '/ingest/bulk-upsert', items),
    single: (item) => transport.call({ method: 'POST', path: '/ingest', body: item }, ingestResponseSchema),
  };
}

/**
 * A 400 of bulk ingest that names every item's error is an answer like the 200; any other 400 is an error of the call.
 * @throws PayiError, of kind `uncertain` when the answer speaks of errors but doesn't say whose.
 */
async function sendBulk(transport: Transport, path: string, items: readonly IngestItem[]): Promise<BulkIngestResponse> {
  const request: PayiRequest = { method: 'POST', path, body: items };
  const read = (body: unknown) => bulkResponseSchema.safeParse(body).data;
  const answer = await transport.send(request, ({ status, body }) => {
    const response = status === 400 ? read(body) : undefined;
    return response !== undefined && (response.errors?.length ?? 0) > 0 && namesItems(response, items.length);
  });
  const response = readAs(bulkResponseSchema, answer, request);
  if (namesItems(response, items.length)) return response;
  throw new PayiError({
    kind: 'uncertain',
    request: `POST ${path}`,
    reason: 'the answer reports errors without naming their items',
    payiStatus: answer.status,
  });
}

/** Whether every reported error belongs to an item of the request. */
function namesItems(response: BulkIngestResponse, itemCount: number): boolean {
  const errors = response.errors ?? [];
  if (errors.length === 0) return !response.error_count && !response.item_error_count;
  return errors.every(({ item_index: index }) => typeof index === 'number' && index < itemCount);
}
