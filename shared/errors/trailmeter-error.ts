/** What each of our errors has besides its text. */
export interface ErrorOptions {
  /** HTTP status that a caller gets when this error ends the request; default 500. */
  status?: number;
  /** Facts for the caller: never a prompt, an answer, an e-mail or a secret. */
  details?: Record<string, unknown>;
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/**
 * The root of our error tree. `code` is stable and safe to match on; `message` tells the reader what to do.
 * Each folder of `shared/` derives its own errors from this one.
 */
export class TrailmeterError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Record<string, unknown>;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.status = options.status ?? 500;
    this.details = options.details ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
