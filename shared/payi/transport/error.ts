import { TrailmeterError } from '../../errors/trailmeter-error.ts';

/**
 * What is known of a request to Pay-i that did not succeed:
 * - `rejected`: Pay-i answered no; the same request would be refused again.
 * - `unavailable`: it was not carried out (no connection, 408, 409, 425, 429, 503, or Pay-i says so by a header) or it
 *   only read; try again later.
 * - `uncertain`: it may have been carried out (no answer in time, connection lost, other 5xx, an answer that can't be
 *   read). Look before writing again.
 */
export type PayiErrorKind = 'rejected' | 'unavailable' | 'uncertain';

export interface PayiErrorFacts {
  kind: PayiErrorKind;
  /** The request, e.g. `POST /ingest/bulk`. */
  request: string;
  /** What happened, in Pay-i's words or ours. */
  reason: string;
  /** HTTP status of Pay-i's answer; absent where none came. */
  payiStatus?: number | undefined;
  /** Pay-i's stable code, e.g. `blocking_limit_not_allowed`. */
  payiCode?: string | undefined;
  /** When Pay-i asked to be called again, in ms from now. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

const advice: Record<PayiErrorKind, string> = {
  rejected: 'Pay-i refused it; change the request or the settings before sending it again',
  unavailable: 'It was not carried out; try again later',
  uncertain: 'It may have been carried out; look it up before sending it again',
};

/** Any failure of a call to Pay-i. `status` is what our caller gets (502 or 503), `payiStatus` is Pay-i's own. */
export class PayiError extends TrailmeterError {
  readonly kind: PayiErrorKind;
  readonly payiStatus: number | undefined;
  readonly payiCode: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(facts: PayiErrorFacts) {
    const status =
      facts.payiStatus === undefined ? '' : ` (${facts.payiStatus}${facts.payiCode ? ` ${facts.payiCode}` : ''})`;
    super(`payi_${facts.kind}`, `Pay-i: ${facts.request}${status}: ${facts.reason}. ${advice[facts.kind]}.`, {
      status: facts.kind === 'unavailable' ? 503 : 502,
      details: { payiStatus: facts.payiStatus, payiCode: facts.payiCode },
      ...(facts.retryAfterMs !== undefined && { retryAfterSeconds: Math.ceil(facts.retryAfterMs / 1000) }),
      cause: facts.cause,
    });
    this.kind = facts.kind;
    this.payiStatus = facts.payiStatus;
    this.payiCode = facts.payiCode;
    this.retryAfterMs = facts.retryAfterMs;
  }
}
