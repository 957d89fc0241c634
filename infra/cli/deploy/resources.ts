import type { Az, AzOptions } from './az.ts';
import { refused } from './prerequisites.ts';

/** What a deployment made, by the outputs of main.bicep. */
export interface Deployed {
  url: string;
  appName: string;
  vaultName: string;
}

interface Deployment {
  properties: { outputs: Record<string, { value: string }> };
}

/**
 * Deploys the template and waits until Azure is ready with it. A deployment that an earlier run of the command began is waited for
 * first: Azure goes on with it when the command is stopped.
 */
export async function deployResources(
  az: Az,
  where: AzOptions,
  name: string,
  file: string,
): Promise<Deployed & { found: string }> {
  const query = `[?name=='${name}' && (properties.provisioningState=='Running' || properties.provisioningState=='Accepted')].name`;
  const running = await az<string[]>('deployment group list', { ...where, query });
  // It may fail, and the one below then says why.
  const settled = "properties.provisioningState!='Running' && properties.provisioningState!='Accepted'";
  if (running.length > 0) await az('deployment group wait', { ...where, name, custom: settled });
  const deployment = await az<Deployment>('deployment group create', { ...where, name, parameters: file });
  const output = (key: string): string => {
    const value = deployment.properties.outputs[key]?.value;
    if (!value) throw new Error(`The deployment has no output ${key}.`);
    return value;
  };
  const deployed = {
    url: output('functionAppUrl'),
    appName: output('functionAppName'),
    vaultName: output('keyVaultName'),
  };
  return { ...deployed, found: `${deployed.appName} and all that it needs` };
}

/** A vault stays recoverable when its group is deleted, and its name taken: brings it back, with its secrets. */
export async function recoverVault(az: Az, subscriptionId: string, group: string, appName: string): Promise<string> {
  const deleted = await az<{ name: string; properties: { vaultId: string } }[]>('keyvault list-deleted', {
    'resource-type': 'vault',
    subscription: subscriptionId,
  }).catch(refused);
  if (deleted === undefined) return 'not looked at: you may not read the subscription';
  const start = `/resourcegroups/${group}/providers/microsoft.keyvault/vaults/kv-${appName.slice(0, 7)}-`.toLowerCase();
  const lost = deleted.filter(({ properties }) => properties.vaultId.toLowerCase().includes(start));
  for (const { name } of lost)
    await az('keyvault recover', { name, 'resource-group': group, subscription: subscriptionId });
  return lost.length === 0 ? 'none was deleted' : `recovered ${lost.map(({ name }) => name).join(', ')}`;
}
