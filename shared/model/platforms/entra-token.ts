import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { createAzureToken } from '../../util/azure/azure-credential.ts';

/** Tokens of the app's identity for a service of Azure that serves models. @throws TrailmeterError 502 where there is none */
export function createEntraToken(scope: string): () => Promise<string> {
  const token = createAzureToken(scope);
  return () => token().catch(refuseWithoutToken);
}

function refuseWithoutToken(cause: unknown): never {
  throw new TrailmeterError(
    'upstream_failed',
    'There is no Microsoft Entra token for the provider. Give the app a managed identity with a role on the resource, or a key.',
    { status: 502, cause },
  );
}
