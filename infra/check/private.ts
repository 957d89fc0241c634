/** A resource as a snapshot has it: conditions and parameters of the deployment are evaluated. */
export interface Predicted {
  type: string;
  name: string;
  properties?: Record<string, unknown>;
}

/** Services that hold data or answer calls, and can be closed to the internet. */
const services = [
  'Microsoft.Storage/storageAccounts',
  'Microsoft.ServiceBus/namespaces',
  'Microsoft.KeyVault/vaults',
  'Microsoft.Web/sites',
];

/** Only there where Azure serves models. */
const MODELS = 'Microsoft.CognitiveServices/accounts';

/** What the internet still reaches in a deployment that says it is private; `inbound`: the app, too, has a private endpoint only. */
export function openServices(resources: Predicted[], inbound: boolean): string[] {
  const servesModels = resources.some(({ type }) => type === MODELS);
  const closed = [...services, ...(servesModels ? [MODELS] : [])].filter(
    (type) => inbound || type !== 'Microsoft.Web/sites',
  );
  const open = closed.flatMap((type) => {
    const found = resources.filter((resource) => resource.type === type);
    if (found.length === 0) return [`there is no ${type}`];
    return found
      .filter(({ properties }) => properties?.['publicNetworkAccess'] !== 'Disabled')
      .map(() => `${type} has public access`);
  });
  const endpoints = resources.filter(({ type }) => type === 'Microsoft.Network/privateEndpoints').length;
  // Blobs, tables, Service Bus and vault; the app; models.
  const needed = 4 + Number(inbound) + Number(servesModels);
  return endpoints === needed ? open : [...open, `${endpoints} private endpoints, not ${needed}`];
}
