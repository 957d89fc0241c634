import { createPayiClient } from '../payi/client.ts';
import { PAYI_URL } from './payi-url.ts';

export interface RestClientOptions {
  apiKey: string;
  /** Default: `https://api.pay-i.com`. */
  baseUrl?: string | undefined;
  /** For the whole of one request, ms. Default: 10,000. */
  timeoutMs?: number | undefined;
  /** How requests are spelled: as Pay-i's API takes them, or as its integration guide shows them. Default: `live`. */
  dialect?: 'live' | 'guide' | undefined;
}

/** One usage event as Pay-i's ingest takes it. */
export interface RestIngestItem {
  category: string;
  resource: string;
  units: Record<string, { input?: number; output?: number }>;
  event_timestamp?: string;
  provider_response_id?: string;
  end_to_end_latency_ms?: number;
  http_status_code?: number;
  use_case_name?: string;
  use_case_id?: string;
  use_case_version?: number;
  use_case_step?: string;
  use_case_properties?: Record<string, string>;
  properties?: Record<string, string>;
  user_id?: string;
  account_name?: string;
  limit_ids?: string[];
}

export interface RestLimit {
  limit_id: string;
  limit_name?: string | null | undefined;
  limit_type?: string | null | undefined;
  /** USD. */
  max: number;
  threshold?: number | null | undefined;
}

export interface RestUseCase {
  name: string;
  description?: string | null | undefined;
  type_version?: number | null | undefined;
}

export interface RestKpi {
  name: string;
  description?: string | null | undefined;
  kpi_type?: string | null | undefined;
  goal?: number | null | undefined;
}

type KpiKind = 'boolean' | 'number' | 'percentage' | 'likert5' | 'likert7' | 'likert10';

/** Pay-i's REST API. Nothing is retried; every failure is a TrailmeterError with Pay-i's code. */
export interface PayiRestClient {
  ingest: {
    single(item: RestIngestItem): Promise<{ request_id: string }>;
    /** Items with errors are named by their place; the others were ingested. */
    bulk(items: readonly RestIngestItem[]): Promise<{
      ingest_count: number;
      errors?: { item_index?: number | null | undefined }[] | null | undefined;
    }>;
  };
  limits: {
    list(filter?: { limitName?: string }): AsyncIterable<RestLimit>;
    get(limitId: string): Promise<RestLimit | undefined>;
    create(limit: {
      limit_id?: string;
      limit_name: string;
      max: number;
      limit_type?: 'block' | 'allow';
      threshold?: number;
      properties?: Record<string, string>;
    }): Promise<{ limit: RestLimit; created: boolean }>;
    update(limitId: string, change: { limit_name?: string; max?: number }): Promise<RestLimit>;
    /** Sets what is spent to 0. */
    reset(limitId: string): Promise<object>;
    remove(limitId: string): Promise<boolean>;
  };
  definitions: {
    list(): AsyncIterable<RestUseCase>;
    get(name: string): Promise<RestUseCase | undefined>;
    create(definition: { name: string; description: string }): Promise<{ definition: RestUseCase; created: boolean }>;
    remove(name: string): Promise<boolean>;
  };
  kpis: {
    list(useCaseName: string): AsyncIterable<RestKpi>;
    create(
      useCaseName: string,
      kpi: { name: string; description: string; kpi_type: KpiKind; goal: number },
    ): Promise<RestKpi>;
    /** The last score wins; null clears it. */
    score(useCaseName: string, useCaseId: string, kpiName: string, score: number | boolean | null): Promise<void>;
  };
}

export function createRestClient(options: RestClientOptions): PayiRestClient {
  const { apiKey, baseUrl = PAYI_URL, timeoutMs = 10_000, dialect = 'live' } = options;
  return createPayiClient({ apiKey, baseUrl, timeoutMs, dialect });
}
