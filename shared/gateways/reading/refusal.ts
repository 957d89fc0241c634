import { RequestError } from '../../errors/request-errors.ts';

/** A refusal as it crosses threads, which keep no classes. */
export interface RefusedRequest {
  code: string;
  message: string;
  status: number;
  details: Record<string, unknown>;
}

/** What reading a request came to. */
export type Read<T> = { value: T } | { refusal: RefusedRequest };

/** Does `work`, whose refusals of the request become values. */
export function readOrRefuse<T>(work: () => T): Read<T> {
  try {
    return { value: work() };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { code, message, status, details } = error;
    return { refusal: { code, message, status, details } };
  }
}

/** @throws RequestError for a refusal */
export function takeValue<T>(read: Read<T>): T {
  if ('value' in read) return read.value;
  const { code, message, ...options } = read.refusal;
  throw new RequestError(code, message, options);
}
