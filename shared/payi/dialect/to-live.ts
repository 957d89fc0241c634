import type { IngestItem } from '../ingest/item.ts';
import type { PayiRequest } from '../transport/transport.ts';
import { attributionHeaders } from './attribution-headers.ts';

/** Single ingest takes attribution in headers; everything else is as the client has it. */
export function toLive(request: PayiRequest): PayiRequest {
  if (request.path !== '/ingest') return request;
  const { headers, body } = attributionHeaders(request.body as IngestItem);
  return { ...request, headers: { ...request.headers, ...headers }, body };
}
