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

/** What the internet still reaches in a deployment that says it is private; `inbound`: the app, too, has a private endpoint only. */
export function openServices(resources: Predicted[], inbound: boolean): string[] {
  const closed = services.filter((type) => inbound || type !== 'Microsoft.Web/sites');
  const open = closed.flatMap((type) => {
    const found = resources.filter((resource) => resource.type === type);
    if (found.length === 0) return [`there is no ${type}`];
    return found
      .filter(({ properties }) => properties?.['publicNetworkAccess'] !== 'Disabled')
      .map(() => `${type} has public access`);
  });
  const endpoints = resources.filter(({ type }) => type === 'Microsoft.Network/privateEndpoints').length;
  // Blobs, tables, Service Bus and vault; the app.
  const needed = inbound ? 5 : 4;
  return endpoints === needed ? open : [...open, `${endpoints} private endpoints, not ${needed}`];
}
