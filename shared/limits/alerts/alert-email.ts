import { createHash, createHmac } from 'node:crypto';
import { type AlertReceiver, receiverName } from './alert-receivers.ts';
import { alertTextOf } from './alert-text.ts';

export interface EmailOptions {
  /** Of an Azure Communication Services resource: `endpoint=https://…;accesskey=…`. */
  connection: string;
  /** An address of a domain that is linked to it. */
  from: string;
  to: readonly string[];
}

export const emailConnectionPattern = /^endpoint=(https?:\/\/[^;]+?)\/?;accesskey=([A-Za-z0-9+/]+={0,2});?$/i;

const PATH = '/emails:send?api-version=2023-03-31';

/** Sends alerts as e-mails by the REST API of Azure Communication Services, which answers 202 and delivers later. */
export function emailReceiver({ connection, from, to }: EmailOptions): AlertReceiver {
  const [, endpoint = '', key = ''] = emailConnectionPattern.exec(connection) ?? [];
  const url = `${endpoint}${PATH}`;
  return {
    name: receiverName(`${url} ${from} ${to.join()}`),
    requestOf: (alert, nowMs) => {
      const { title, facts } = alertTextOf(alert);
      const body = JSON.stringify({
        senderAddress: from,
        recipients: { to: to.map((address) => ({ address })) },
        content: { subject: title, plainText: facts.map(([name, value]) => `${name}: ${value}`).join('\n') },
        userEngagementTrackingDisabled: true,
      });
      return { url, body, headers: accessKeyHeaders(url, body, nowMs, key) };
    },
  };
}

/** The headers of a POST that is signed with an access key of Azure Communication Services, which is in base64. */
export function accessKeyHeaders(url: string, body: string, nowMs: number, key: string): Record<string, string> {
  const { host, pathname, search } = new URL(url);
  const date = new Date(nowMs).toUTCString();
  const digest = createHash('sha256').update(body).digest('base64');
  const signature = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`POST\n${pathname}${search}\n${date};${host};${digest}`)
    .digest('base64');
  return {
    'x-ms-date': date,
    'x-ms-content-sha256': digest,
    authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
  };
}
