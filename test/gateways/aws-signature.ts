import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface SignedRequest {
  /** With its query. */
  target: string;
  headers: IncomingHttpHeaders;
  body: string;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** The header `authorization` that a request must have by Signature Version 4, for the headers and the scope that it says are signed. */
export function expectedAuthorization({ target, headers, body }: SignedRequest, secretKey: string): string {
  const [, credential = '', names = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), /.exec(headers.authorization ?? '') ?? [];
  const [keyId, day = '', region = '', service = '', end = ''] = credential.split('/');
  const [path = '', query = ''] = target.split('?');
  const canonical = [
    'POST',
    path,
    [...new URLSearchParams(query)].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&'),
    ...names.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const scope = [day, region, service, end].join('/');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = [day, region, service, end].reduce<string | Buffer>(
    (signing, part) => hmac(signing, part),
    `AWS4${secretKey}`,
  );
  return `AWS4-HMAC-SHA256 Credential=${keyId}/${scope}, SignedHeaders=${names}, Signature=${hmac(key, text).toString('hex')}`;
}
