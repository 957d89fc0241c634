import { createHash } from 'node:crypto';
import { bodyOf } from './alert-formats.ts';
import type { AlertTarget } from './alert-targets.ts';
import type { Reported } from './approval-alert.ts';
import { alertMessageId, signedHeaders } from './sign-alert.ts';

/** Somebody who gets alerts. */
export interface AlertReceiver {
  /** Stands in keys and logs. It tells nothing of the address, which mostly holds a token. */
  name: string;
  /** The request that reports an alert; its body is JSON. */
  requestOf(alert: Reported, nowMs: number): { url: string; body: string; headers: Record<string, string> };
}

export const receiverName = (address: string): string =>
  createHash('sha256').update(address).digest('hex').slice(0, 16);

export function webhookReceiver({ url, format, secret }: AlertTarget): AlertReceiver {
  return {
    name: receiverName(url),
    requestOf: (alert, nowMs) => {
      const body = bodyOf(format, alert);
      return { url, body, headers: secret ? signedHeaders(alertMessageId(alert.id), body, nowMs, secret) : {} };
    },
  };
}
