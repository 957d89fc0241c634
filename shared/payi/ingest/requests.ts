import { z } from 'zod';
import { undefinedWhenMissing } from '../transport/optional.ts';
import { path, type Transport } from '../transport/transport.ts';
import { type XproxyResult, xproxyResultSchema } from './xproxy-result.ts';

const resultSchema = z.looseObject({ xproxy_result: xproxyResultSchema });

export interface Requests {
  /** What Pay-i has under a provider's response id; undefined when it has nothing. @throws PayiError */
  byProvider(category: string, providerResponseId: string): Promise<XproxyResult | undefined>;
  /** By Pay-i's own request id. @throws PayiError */
  byId(requestId: string): Promise<XproxyResult | undefined>;
}

export function createRequestsClient(transport: Transport): Requests {
  const result = async (of: string) =>
    (await undefinedWhenMissing(transport.call({ method: 'GET', path: of }, resultSchema)))?.xproxy_result;
  return {
    byProvider: (category, id) => result(path`/requests/provider/${category}/${id}/result`),
    byId: (requestId) => result(path`/requests/${requestId}/result`),
  };
}
