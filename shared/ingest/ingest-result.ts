import type { PayiError } from '../payi/transport/error.ts';

/** What became of one attempt to hand an event to Pay-i. */
export type IngestResult = Delivered | Refused | PutOff;

export interface Delivered {
  /** `duplicate`: Pay-i had it before. */
  kind: 'accepted' | 'duplicate';
  requestId?: string | undefined;
  /** Priced by Pay-i, in nano-USD; bulk ingest does not say. */
  costNanoUsd?: bigint | undefined;
}

/** It would be refused again. */
export interface Refused {
  kind: 'permanent';
  code: string;
  reason: string;
}

/** `transient`: it was not carried out. `uncertain`: it may have been, so it is looked up before it is sent again. */
export interface PutOff {
  kind: 'transient' | 'uncertain';
  code: string;
  reason: string;
  retryAfterMs?: number | undefined;
}

/** One error of Pay-i's, of an item or of a whole call. */
export interface IngestAnswer {
  status?: number | undefined;
  code?: string | undefined;
  reason: string;
  retryAfterMs?: number | undefined;
}

/**
 * Refusals that end by themselves or when someone completes the set-up at Pay-i: a clock that runs ahead, a key that is
 * being changed, a limit, use case or price that is not there yet. They are tried again rather than given up.
 */
const notYet = new Set([
  'unexpected_error',
  'invalid_api_key',
  'invalid_ingest_event_timestamp',
  'limit_not_found',
  'invalid_limit_id',
  'invalid_limit_ids',
  'use_case_not_found',
  'use_case_instance_not_found',
  'category_not_found',
  'category_resource_not_found',
]);

const notNow = new Set([401, 403, 404, 408, 409, 424, 425, 429]);

/** The verdict on an answer that says which event it refuses. Codes are Pay-i's stable contract and win over the status of a refusal. */
export function classifyAnswer({ status, code, reason, retryAfterMs }: IngestAnswer): Refused | PutOff {
  const name = code ?? (status === undefined ? 'no_status' : `status_${status}`);
  if (status === 503) return { kind: 'transient', code: name, reason, retryAfterMs };
  if (status === undefined || status >= 500) return { kind: 'uncertain', code: name, reason, retryAfterMs };
  if (code !== undefined && notYet.has(code)) return { kind: 'transient', code: name, reason, retryAfterMs };
  if (code === undefined && notNow.has(status)) return { kind: 'transient', code: name, reason, retryAfterMs };
  if (status === 408 || status === 425 || status === 429)
    return { kind: 'transient', code: name, reason, retryAfterMs };
  return { kind: 'permanent', code: name, reason };
}

/** The verdict on a call that failed as a whole. */
export function classifyError(error: PayiError): Refused | PutOff {
  const { payiStatus: status, payiCode: code, retryAfterMs, message: reason } = error;
  if (error.kind === 'rejected') return classifyAnswer({ status, code, reason, retryAfterMs });
  const kind = error.kind === 'uncertain' ? 'uncertain' : 'transient';
  return { kind, code: code ?? (status === undefined ? 'no_answer' : `status_${status}`), reason, retryAfterMs };
}
