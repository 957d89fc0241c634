import { createHash, createHmac } from 'node:crypto';

/** A secret as Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in base64. */
export const webhookSecretPattern = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/**
 * The headers of a signed request after Standard Webhooks (https://www.standardwebhooks.com): a receiver computes the HMAC-SHA256 of
 * `id.timestamp.body`, refuses timestamps (seconds) more than 5 minutes from its own clock and ids that it has seen.
 */
export function signedHeaders(id: string, body: string, nowMs: number, secret: string): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** The id of an alert in headers and keys: letters and digits alone. */
export const alertMessageId = (alertId: string): string =>
  `msg_${createHash('sha256').update(alertId).digest('hex').slice(0, 32)}`;
