import { TrailmeterError } from '../../errors/trailmeter-error.ts';

/** Rollups were replaced while they were read, several times in a row. */
export class UsageChangedError extends TrailmeterError {
  constructor(span: string) {
    super('usage_changed', `The usage of ${span} was being folded again. Repeat the request.`, {
      status: 503,
      retryAfterSeconds: 1,
    });
  }
}
