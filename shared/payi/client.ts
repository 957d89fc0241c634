import { type Clock, systemClock } from '../util/clock.ts';
import { type Categories, createCategoriesClient } from './categories.ts';
import { createDefinitionsClient, type Definitions } from './definitions.ts';
import { type PayiDialect, spellings } from './dialect/dialect.ts';
import { createIngestClient, type Ingest } from './ingest/ingest.ts';
import { createRequestsClient, type Requests } from './ingest/requests.ts';
import { createInstancesClient, type Instances } from './instances.ts';
import { createKpisClient, type Kpis } from './kpis.ts';
import { createLimitsClient, type Limits } from './limits.ts';
import { createTransport } from './transport/transport.ts';

/** The Pay-i REST API, one member per noun. Nothing is retried here; every failure is a PayiError. */
export interface PayiClient {
  ingest: Ingest;
  requests: Requests;
  limits: Limits;
  definitions: Definitions;
  instances: Instances;
  kpis: Kpis;
  categories: Categories;
}

export interface PayiClientOptions {
  /** E.g. `https://api.pay-i.com`. */
  baseUrl: string;
  apiKey: string;
  /** For the whole of one request. */
  timeoutMs: number;
  /** Default: `live`. */
  dialect?: PayiDialect;
  fetch?: typeof globalThis.fetch;
  clock?: Clock;
}

export function createPayiClient({ dialect = 'live', ...options }: PayiClientOptions): PayiClient {
  const transport = createTransport({
    fetch: globalThis.fetch,
    clock: systemClock,
    spelling: spellings[dialect],
    ...options,
  });
  return {
    ingest: createIngestClient(transport),
    requests: createRequestsClient(transport),
    limits: createLimitsClient(transport),
    definitions: createDefinitionsClient(transport),
    instances: createInstancesClient(transport),
    kpis: createKpisClient(transport),
    categories: createCategoriesClient(transport),
  };
}
