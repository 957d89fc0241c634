/** One request of a model provider with all its attribution: an item of a bulk ingest. */
export interface IngestItem {
  category: string;
  resource?: string;
  /** Unit name to amounts; `{}` for a call that failed. */
  units: Record<string, { input?: number | undefined; output?: number | undefined }>;
  /** ISO 8601, at most 5 minutes ahead of Pay-i's clock. */
  event_timestamp?: string;
  end_to_end_latency_ms?: number;
  time_to_first_token_ms?: number;
  http_status_code?: number;
  provider_uri?: string;
  /** With the category the key for looking up, updating and telling duplicates. */
  provider_response_id?: string;
  /** Request properties. */
  properties?: Record<string, string>;
  use_case_properties?: Record<string, string>;
  use_case_name?: string;
  use_case_id?: string;
  use_case_version?: number;
  use_case_step?: string;
  user_id?: string;
  account_name?: string;
  /** Which regional prices count, such as `datazone.us`. */
  scope?: string | undefined;
  limit_ids?: string[];
}
