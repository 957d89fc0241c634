import { RequestError } from '../errors/request-errors.ts';

/** The key came with another request before. */
export const keyReused = (): RequestError =>
  new RequestError(
    'idempotency_key_reused',
    'This Idempotency-Key was sent with another request. Use a new key for each request.',
    { status: 409 },
  );

/** The first request is under way for so long that its sender would give up too. */
export const stillRunning = (): RequestError =>
  new RequestError(
    'idempotency_running',
    'The first request with this Idempotency-Key is still under way. Send it again later.',
    { status: 409, retryAfterSeconds: 10 },
  );

/** The first request may have been paid for, but there is no answer of it: its process ended, or the answer could not be kept. */
export const answerLost = (): RequestError =>
  new RequestError(
    'idempotency_answer_lost',
    'The answer of the first request with this Idempotency-Key is not available. To call the model again, use a new key.',
    { status: 409 },
  );

/** Without a key to seal them, no answers are kept; to run a request without that would break what the header asks for. */
export const keysUnavailable = (): RequestError =>
  new RequestError(
    'idempotency_unavailable',
    'Idempotency-Key is not available here, because JUDGE_SEAL_KEY is not set. Send the request without it.',
    { status: 400 },
  );
