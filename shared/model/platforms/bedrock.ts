import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Settings } from '../../config/settings.ts';
import { BodyInPieces } from '../../util/bytes/body-in-pieces.ts';
import { type HttpFetch, type HttpInit, httpFetch } from '../../util/fetch/http-fetch.ts';
import { withoutCredentials } from './without-credentials.ts';

export type AwsSettings = Pick<
  Settings,
  'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN'
>;

/**
 * Claude in Amazon Bedrock, at the addresses that take Anthropic's API as it is: with a Bedrock API key, or signed (Signature Version 4)
 * with an access key of AWS where there is none.
 */
export function bedrockFetch(apiKey: string | undefined, aws: AwsSettings): HttpFetch {
  return async (input, init) => {
    const headers = withoutCredentials(init?.headers);
    if (apiKey !== undefined) {
      headers.set('authorization', `Bearer ${apiKey}`);
      return httpFetch(input, { ...init, headers });
    }
    headers.set('x-amz-content-sha256', await digestOf(init?.body));
    return httpFetch(input, { ...init, headers: await signedHeaders(String(input), headers, aws) });
  };
}

/** The library is loaded by the first request. */
async function signedHeaders(url: string, headers: Headers, aws: AwsSettings): Promise<Headers> {
  const { AwsV4Signer } = await import('aws4fetch');
  const signer = new AwsV4Signer({
    method: 'POST',
    url,
    headers,
    accessKeyId: aws.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: aws.AWS_SECRET_ACCESS_KEY ?? '',
    ...(aws.AWS_SESSION_TOKEN !== undefined && { sessionToken: aws.AWS_SESSION_TOKEN }),
    region: aws.AWS_REGION ?? '',
    service: new URL(url).hostname.startsWith('bedrock-mantle.') ? 'bedrock-mantle' : 'bedrock',
  });
  return (await signer.sign()).headers;
}

/** In pieces, so that a large body holds up nothing. */
async function digestOf(body: HttpInit['body']): Promise<string> {
  const hash = createHash('sha256');
  if (body instanceof BodyInPieces) {
    for (const piece of body) {
      hash.update(piece);
      if (piece.byteLength < body.size) await setImmediate();
    }
  } else hash.update(typeof body === 'string' ? body : '');
  return hash.digest('hex');
}
