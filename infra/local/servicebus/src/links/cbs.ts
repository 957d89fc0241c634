import { plain } from '../amqp/typed.ts';
import type { Reply, ReplyKeys, Request } from './request-node.ts';

export const cbsKeys: ReplyKeys = {
  status: 'status-code',
  description: 'status-description',
  condition: 'error-condition',
};

/**
 * Claims-based security: every signature is accepted, as in the official emulator, but a token whose time is over is not.
 * @param now UTC, ms: the wall clock, by which the clients sign
 */
export function answerToken(request: Request, now: number): Reply {
  if (request.operation !== 'put-token' && request.operation !== 'delete-token') {
    return {
      status: 501,
      description: `The operation '${request.operation}' is not known here.`,
      condition: 'amqp:not-implemented',
    };
  }
  if (request.operation === 'put-token') {
    const token = plain(request.body);
    if (typeof token !== 'string') {
      return {
        status: 400,
        description: 'The request has no token in its body.',
        condition: 'com.microsoft:argument-error',
      };
    }
    const expiry = expiryOf(token);
    if (expiry !== undefined && expiry <= now)
      return unauthorized(`The token expired at ${new Date(expiry).toISOString()}.`);
  }
  return { status: 202, description: 'Accepted' };
}

export const unauthorized = (description: string): Reply => ({
  status: 401,
  description,
  condition: 'amqp:unauthorized-access',
});

/** When a shared access signature (`se=`, seconds) runs out, UTC, ms; undefined for tokens of other kinds. */
function expiryOf(token: string): number | undefined {
  const seconds = /^SharedAccessSignature .*?\bse=(\d{1,12})(?:&|$)/.exec(token)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
