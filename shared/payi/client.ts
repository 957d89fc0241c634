import { type Clock, systemClock } from '../clock.ts';
import { type Categories, categories } from './categories.ts';
import { type Definitions, definitions } from './definitions.ts';
import { type Ingest, ingest } from './ingest.ts';
import { type Instances, instances } from './instances.ts';
import { type Kpis, kpis } from './kpis.ts';
import { type Limits, limits } from './limits.ts';
import { type Requests, requests } from './requests.ts';
import { createTransport } from './transport.ts';

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
  fetch?: typeof globalThis.fetch;
  clock?: Clock;
}

export function createPayiClient(options: PayiClientOptions): PayiClient {
  const transport = createTransport({ fetch: globalThis.fetch, clock: systemClock, ...options });
  return {
    ingest: ingest(transport),
    requests: requests(transport),
    limits: limits(transport),
    definitions: definitions(transport),
    instances: instances(transport),
    kpis: kpis(transport),
    categories: categories(transport),
  };
}
