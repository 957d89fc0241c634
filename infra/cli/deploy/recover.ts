import type { Az } from './az.ts';
import { refused } from './prerequisites.ts';

const NOT_LOOKED_AT = 'not looked at: you may not read the subscription';

/** A vault stays recoverable when its group is deleted, and its name taken: brings it back, with its secrets. */
export async function recoverVault(az: Az, subscriptionId: string, group: string, appName: string): Promise<string> {
  const deleted = await az<{ name: string; properties: { vaultId: string } }[]>('keyvault list-deleted', {
    'resource-type': 'vault',
    subscription: subscriptionId,
  }).catch(refused);
  if (deleted === undefined) return NOT_LOOKED_AT;
  const start = `/resourcegroups/${group}/providers/microsoft.keyvault/vaults/kv-${appName.slice(0, 7)}-`.toLowerCase();
  const lost = deleted.filter(({ properties }) => properties.vaultId.toLowerCase().includes(start));
  for (const { name } of lost)
    await az('keyvault recover', { name, 'resource-group': group, subscription: subscriptionId });
  return describe(lost);
}

/** A Foundry resource stays recoverable for two days when its group is deleted, and its name taken: brings it back. */
export async function recoverModels(az: Az, subscriptionId: string, group: string, appName: string): Promise<string> {
  const deleted = await az<{ id: string; name: string; location: string }[]>('cognitiveservices account list-deleted', {
    subscription: subscriptionId,
  }).catch(refused);
  if (deleted === undefined) return NOT_LOOKED_AT;
  const start = `/resourcegroups/${group}/deletedaccounts/ai-${appName}-`.toLowerCase();
  const lost = deleted.filter(({ id }) => id.toLowerCase().includes(start));
  for (const { name, location } of lost)
    await az('cognitiveservices account recover', {
      name,
      location,
      'resource-group': group,
      subscription: subscriptionId,
    });
  return describe(lost);
}

const describe = (lost: { name: string }[]): string =>
  lost.length === 0 ? 'none was deleted' : `recovered ${lost.map(({ name }) => name).join(', ')}`;
