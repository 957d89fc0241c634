import type { GoogleAccount } from '../../config/kinds.ts';
import { bodyInPieces } from '../../util/bytes/body-in-pieces.ts';
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
export function vertexFetch(baseUrl: string, account: GoogleAccount | undefined): typeof fetch {
  const token = createGoogleToken(account);
  return async (input, init) => {
    const headers = withoutCredentials(init?.headers);
    const version = headers.get('anthropic-version') ?? USUAL_VERSION;
    headers.delete('anthropic-version');
    const bytes = await bytesOf(init?.body);
    const isCount = new URL(String(input)).pathname.endsWith('/count_tokens');
    const { model, method, body } = isCount ? vertexCount(bytes, version) : vertexMessage(bytes, version);
    headers.set('authorization', `Bearer ${await token()}`);
    const url = `${baseUrl}/publishers/anthropic/models/${pathPart(model)}:${method}`;
    return fetch(url, { ...init, headers, body: bodyInPieces(body) });
  };
}

/** Releases are named with `@`, which a path may have. */
const pathPart = (model: string): string => encodeURIComponent(model).replaceAll('%40', '@');

async function bytesOf(body: RequestInit['body']): Promise<Uint8Array> {
  if (body instanceof Blob) return new Uint8Array(await new Response(body.stream()).arrayBuffer());
  return Buffer.from(typeof body === 'string' ? body : '');
}
