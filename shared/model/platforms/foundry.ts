import { type HttpFetch, httpFetch } from '../../util/fetch/http-fetch.ts';
import { createEntraToken } from './entra-token.ts';
import { withoutCredentials } from './without-credentials.ts';

const SCOPE = 'https://ai.azure.com/.default';

/** Claude in Microsoft Foundry takes the requests as they are, with the key of its resource or, without one, the token of our identity. */
export function foundryFetch(apiKey: string | undefined): HttpFetch {
  const token = createEntraToken(SCOPE);
  return async (input, init) => {
    const headers = withoutCredentials(init?.headers);
    if (apiKey === undefined) headers.set('authorization', `Bearer ${await token()}`);
    else headers.set('x-api-key', apiKey);
    return httpFetch(input, { ...init, headers });
  };
}
