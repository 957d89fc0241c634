import { z } from 'zod';
import { costSchema } from './ingest/xproxy-result.ts';
import { undefinedWhenMissing } from './transport/optional.ts';
import { allPages } from './transport/paging.ts';
import { type PayiRequest, path, readAs, type Transport } from './transport/transport.ts';

const totalsSchema = z.looseObject({
  cost: costSchema.nullish(),
  /** Requests by the limit's state after them. */
  requests: z.record(z.string(), z.number()).nullish(),
});

const limitSchema = z.looseObject({
  limit_id: z.string(),
  limit_name: z.string().nullish(),
  /** `block` (acts only in Pay-i's own proxy, refused on ingest) or `allow`. */
  limit_type: z.string().nullish(),
  /** USD. */
  max: z.number(),
  /** Share of `max`, 0.75 to 0.99. */
  threshold: z.number().nullish(),
  limit_creation_timestamp: z.string().nullish(),
  limit_update_timestamp: z.string().nullish(),
  totals: totalsSchema.nullish(),
});
export type PayiLimit = z.infer<typeof limitSchema>;

export interface CreateLimit {
  limit_id?: string;
  /** Unique in the application. */
  limit_name: string;
  /** USD. */
  max: number;
  limit_type?: 'block' | 'allow';
  /** Share of `max`, 0.75 to 0.99. */
  threshold?: number;
  properties?: Record<string, string>;
}

const limitResponseSchema = z.looseObject({ limit: limitSchema });
const historySchema = z.looseObject({
  limit_history: z.looseObject({ totals: totalsSchema, limit_reset_timestamp: z.string().nullish() }),
});
/** The figures before a reset. */
export type LimitHistory = z.infer<typeof historySchema>['limit_history'];

const pageSchema = z.looseObject({ cursor: z.string().nullish(), items: z.array(limitSchema).nullish() });

export interface LimitPage {
  limits: PayiLimit[];
  /** Of the next page; undefined after the last one. */
  cursor: string | undefined;
}

/** All reject with PayiError. */
export interface Limits {
  /** All limits, or those of one name. */
  list(filter?: { limitName?: string }): AsyncIterable<PayiLimit>;
  /** One page of all limits, latest created first, of at most `size`; without a `cursor` the first. */
  page(of: { cursor?: string | undefined; size: number }): Promise<LimitPage>;
  get(limitId: string): Promise<PayiLimit | undefined>;
  /** Idempotent for an id with the same settings; `created` is false then. */
  create(limit: CreateLimit): Promise<{ limit: PayiLimit; created: boolean }>;
  /** Type and threshold can't be changed. A maximum below what is spent is refused (`invalid_max_limit_update`). */
  update(limitId: string, change: { limit_name?: string; max?: number }): Promise<PayiLimit>;
  /** False when there was none. */
  remove(limitId: string): Promise<boolean>;
  /** Sets what is spent to 0. */
  reset(limitId: string): Promise<LimitHistory>;
  setProperties(limitId: string, properties: Record<string, string>): Promise<void>;
}

export function createLimitsClient(transport: Transport): Limits {
  return {
    list: (filter = {}) =>
      allPages(transport, { method: 'GET', path: '/limits', query: { limit_name: filter.limitName } }, limitSchema),

    async page({ cursor, size }) {
      const query = { limit: String(size), sort_ascending: 'false', cursor };
      const page = await transport.call({ method: 'GET', path: '/limits', query }, pageSchema);
      return { limits: page.items ?? [], cursor: page.cursor || undefined };
    },

    async get(limitId) {
      const answer = transport.call({ method: 'GET', path: path`/limits/${limitId}` }, limitResponseSchema);
      return (await undefinedWhenMissing(answer))?.limit;
    },

    async create(limit) {
      const request: PayiRequest = { method: 'POST', path: '/limits', body: limit };
      const answer = await transport.send(request);
      return { limit: readAs(limitResponseSchema, answer, request).limit, created: answer.status === 201 };
    },

    async update(limitId, change) {
      const request: PayiRequest = { method: 'PUT', path: path`/limits/${limitId}`, body: change };
      return (await transport.call(request, limitResponseSchema)).limit;
    },

    async remove(limitId) {
      const answer = await undefinedWhenMissing(transport.send({ method: 'DELETE', path: path`/limits/${limitId}` }));
      return answer !== undefined;
    },

    async reset(limitId) {
      const request: PayiRequest = { method: 'POST', path: path`/limits/${limitId}/reset` };
      return (await transport.call(request, historySchema)).limit_history;
    },

    async setProperties(limitId, properties) {
      await transport.send({ method: 'PUT', path: path`/limits/${limitId}/properties`, body: { properties } });
    },
  };
}
