import type { GoogleAccount } from '../../config/kinds.ts';
import { BodyInPieces } from '../../util/bytes/body-in-pieces.ts';
import { type HttpFetch, type HttpInit, httpFetch } from '../../util/fetch/http-fetch.ts';
import { createGoogleToken } from './google-token.ts';
import { vertexCount, vertexMessage } from './vertex-body.ts';
import { withoutCredentials } from './without-credentials.ts';

/** What a request says that names no version of the API. */
const USUAL_VERSION = '2023-06-01';

/**
 * Claude in Google's Vertex AI: the model stands in the path, the version of the API in the body, and the credential is a token of a
 * service account.
 * @param baseUrl with project and location: `https://aiplatform.googleapis.com/v1/projects/P/locations/global`
 */
export function vertexFetch(baseUrl: string, account: GoogleAccount | undefined): HttpFetch {
  const token = createGoogleToken(account);
  return async (input, init) => {
    const headers = withoutCredentials(init?.headers);
    const version = headers.get('anthropic-version') ?? USUAL_VERSION;
    headers.delete('anthropic-version');
    const bytes = bytesOf(init?.body);
    const isCount = new URL(String(input)).pathname.endsWith('/count_tokens');
    const { model, method, body } = isCount ? vertexCount(bytes, version) : vertexMessage(bytes, version);
    headers.set('authorization', `Bearer ${await token()}`);
    const url = `${baseUrl}/publishers/anthropic/models/${pathPart(model)}:${method}`;
    return httpFetch(url, { ...init, headers, body: new BodyInPieces(body) });
  };
}

/** Releases are named with `@`, which a path may have. */
const pathPart = (model: string): string => encodeURIComponent(model).replaceAll('%40', '@');

function bytesOf(body: HttpInit['body']): Uint8Array {
  if (body instanceof BodyInPieces) return Buffer.concat([...body]);
  return Buffer.from(typeof body === 'string' ? body : '');
}
