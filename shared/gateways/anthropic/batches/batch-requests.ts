import { invalidField } from '../../../errors/request-errors.ts';
import { type CallAmounts, noAmounts, sumOfAmounts } from '../../../limits/policies/units.ts';
import { type RequestShape, readMessagesShape } from '../../../model/request/request-shape.ts';
import { boundAmounts } from '../../../tracking/holds/call-amounts.ts';
import { isRecord } from '../../../util/json/record.ts';
import { readProviderJson } from '../../reading/provider-json.ts';
import { fileIdsOf } from '../files/file-ids.ts';
import { refuseUnsupported } from '../refuse-unsupported.ts';
import { type BatchedRequest, toPages } from './request-pages.ts';

/** The API's longest `custom_id`. */
const MAX_ID = 64;

/** A request with the parameters of its message. */
export interface ReadBatchRequest extends BatchedRequest {
  params: Record<string, unknown>;
}

/**
 * The requests of a batch. What the provider refuses otherwise is left to it.
 * @param betas the header `anthropic-beta`
 * @throws RequestError 400 as `readProviderJson`, for requests that could not be told apart, and as for a single request
 */
export function readBatchedRequests(bytes: Uint8Array, betas: string | null): ReadBatchRequest[] {
  const { body } = readProviderJson(bytes);
  const list = isRecord(body) ? body['requests'] : undefined;
  if (!Array.isArray(list) || list.length === 0)
    throw invalidField('requests', 'must be a list of at least one request');
  const seen = new Set<string>();
  return list.map((request: unknown, place) => {
    const { custom_id: customId, params } = isRecord(request) ? request : {};
    const field = `requests.${place}`;
    if (typeof customId !== 'string' || customId === '' || customId.length > MAX_ID)
      throw invalidField(`${field}.custom_id`, `must be a text of 1 to ${MAX_ID} characters`);
    if (seen.has(customId)) throw invalidField(`${field}.custom_id`, 'must not appear twice in one batch');
    seen.add(customId);
    if (!isRecord(params)) throw invalidField(`${field}.params`, 'must be the parameters of a message');
    refuseUnsupported(params);
    const shape: RequestShape = { ...readMessagesShape(params, betas), batch: true };
    return { customId, shape, params, fileIds: shape.opaqueBy.length > 0 ? fileIdsOf(params) : [] };
  });
}

/** What holding and keeping a batch needs. A batch may have many thousands of requests, so this has none of them. */
export interface ReadBatch {
  requests: number;
  /** The most that all of them can use: nobody can hold a request up once the provider has the batch. */
  bound: CallAmounts;
  /** See `RequestShape`; that of the first request which has one. */
  unknown: string | undefined;
  /** All that may answer, that of the first request first. */
  models: string[];
  /** Files of the provider that the requests name. */
  fileIds: string[];
  /** See `toPages`. */
  pages: string[];
}

/** @throws RequestError as `readBatchedRequests` */
export function readBatch(bytes: Uint8Array, betas: string | null, atMs: number): ReadBatch {
  const requests = readBatchedRequests(bytes, betas);
  const shapes = requests.map(({ shape }) => shape);
  return {
    requests: requests.length,
    bound: shapes.reduce((sum, shape) => sumOfAmounts(sum, boundAmounts(shape, atMs)), noAmounts),
    unknown: shapes.find(({ unknown }) => unknown !== undefined)?.unknown,
    models: [...new Set(shapes.flatMap(({ model, others }) => [model, ...others.map((other) => other.model)]))],
    fileIds: [...new Set(requests.flatMap((request) => request.fileIds))],
    pages: toPages(requests),
  };
}
