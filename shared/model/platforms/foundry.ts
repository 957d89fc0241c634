import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { createAzureToken } from '../../util/azure-credential.ts';
import { withoutCredentials } from './without-credentials.ts';

const SCOPE = 'https://ai.azure.com/.default';

/** Claude in Microsoft Foundry takes the requests as they are, with the key of its resource or, without one, the token of our identity. */
export function foundryFetch(apiKey: string | undefined): typeof fetch {
  const token = createAzureToken(SCOPE);
  return async (input, init) => {
    const headers = withoutCredentials(init?.headers);
    if (apiKey === undefined) headers.set('authorization', `Bearer ${await token().catch(refuseWithoutToken)}`);
    else headers.set('x-api-key', apiKey);
    return fetch(input, { ...init, headers });
  };
}

function refuseWithoutToken(cause: unknown): never {
  throw new TrailmeterError(
    'upstream_failed',
    'There is no Microsoft Entra token for the provider. Give the app a managed identity with a role on the resource, or a key.',
    { status: 502, cause },
  );
}
