import type { DefaultAzureCredential } from '@azure/identity';

/** What the clients of Azure take as a credential. */
export type AzureCredential = Pick<DefaultAzureCredential, 'getToken'>;

/**
 * The managed identity in Azure, the developer's sign-in elsewhere. Its library is loaded by the first token that is needed, since it is
 * larger than all that loads before it, and processes with connection strings never use it.
 */
export function createAzureCredential(): AzureCredential {
  let credential: Promise<DefaultAzureCredential> | undefined;
  const load = async () => {
    const { DefaultAzureCredential } = await import('./azure-identity.ts');
    return new DefaultAzureCredential();
  };
  return {
    async getToken(scopes, options) {
      credential ??= load();
      return (await credential).getToken(scopes, options);
    },
  };
}

/** Bearer tokens of the same identity for a scope, which are kept until they are about to expire. Its library is loaded by the first one. */
export function createAzureToken(scope: string): () => Promise<string> {
  let provider: Promise<() => Promise<string>> | undefined;
  const load = async () => {
    const { DefaultAzureCredential, getBearerTokenProvider } = await import('./azure-identity.ts');
    return getBearerTokenProvider(new DefaultAzureCredential(), scope);
  };
  return async () => {
    provider ??= load();
    return (await provider)();
  };
}
