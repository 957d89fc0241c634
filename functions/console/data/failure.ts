/** A request that failed: what the app answered, or that it did not. */
export class RequestFailure extends Error {
  /** Of the answer; 0 when there was none. */
  readonly status: number;
  /** Stable, such as `limit_reached`. */
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    { code, error, details }: { code: string; error: string; details?: Record<string, unknown> },
    retryAfterSeconds?: number,
  ) {
    super(error);
    this.status = status;
    this.code = code;
    this.details = details ?? {};
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What is shown when no answer came. */
export const unreachable = (): RequestFailure =>
  new RequestFailure(0, {
    code: 'unreachable',
    error: 'The app could not be reached. Check that it runs, then try again.',
  });

/** The failure that an answer's body describes: our envelope, or whatever a proxy in between sent. */
export function failureFrom(status: number, body: unknown, retryAfter: string | null): RequestFailure {
  const { error, code, details } = (body ?? {}) as { error?: unknown; code?: unknown; details?: unknown };
  const seconds = Number(retryAfter);
  return new RequestFailure(
    status,
    {
      code: typeof code === 'string' ? code : `http_${status}`,
      error: typeof error === 'string' ? error : `The app answered with status ${status}.`,
      ...(typeof details === 'object' && details !== null && { details: details as Record<string, unknown> }),
    },
    retryAfter !== null && Number.isFinite(seconds) ? seconds : undefined,
  );
}
