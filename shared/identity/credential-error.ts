import { RequestError } from '../errors/request-errors.ts';
import { TrailmeterError } from '../errors/trailmeter-error.ts';

/** 401: a credential was sent and is not valid. `problem` completes "The credential is not valid:". Never a part of the credential. */
export const invalidCredential = (problem: string): RequestError =>
  new RequestError('invalid_credential', `The credential is not valid: ${problem}.`, { status: 401 });

/** 503: the access keys in Table Storage can't be read, and what is known of them is too old. The caller may be right. */
export class KeysUnreadableError extends TrailmeterError {
  constructor(cause: unknown) {
    super('identity_unavailable', "The access keys can't be read now. Try again.", {
      status: 503,
      retryAfterSeconds: 5,
      cause,
    });
  }
}

/** 503: whether a credential is valid can't be found out now. The caller may be right, so it is not a 401. */
export class IdentityUnavailableError extends TrailmeterError {
  constructor(issuer: string, cause: unknown) {
    super('identity_unavailable', `The signing keys of ${issuer} can't be read now. Try again.`, {
      status: 503,
      retryAfterSeconds: 5,
      details: { issuer },
      cause,
    });
  }
}
