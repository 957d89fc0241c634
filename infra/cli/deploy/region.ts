import type { Az } from './az.ts';
import { refused } from './prerequisites.ts';
import type { TemplateFacts } from './template-facts.ts';

/** Does the region have the plan and the version of Node.js? */
export async function checkRegion(
  az: Az,
  location: string,
  { nodeVersion, isZoneRedundant }: TemplateFacts,
): Promise<string> {
  const regions = await az<{ name: string }[]>('functionapp list-flexconsumption-locations', {
    ...(isZoneRedundant && { 'zone-redundant': true }),
  });
  const names = regions.map(({ name }) => plain(name));
  if (!names.includes(plain(location)))
    throw new Error(
      `${location} has no Flex Consumption plan${isZoneRedundant ? ' with availability zones' : ''}. Regions that have it: ${names.sort().join(', ')}`,
    );
  const runtimes = await az<{ version: string }[]>('functionapp list-flexconsumption-runtimes', {
    location,
    runtime: 'node',
  });
  const versions = runtimes.map(({ version }) => String(version));
  if (!versions.includes(nodeVersion))
    throw new Error(
      `${location} has no Node.js ${nodeVersion}, but ${versions.join(', ')}. Set nodeVersion in the parameter file.`,
    );
  return `${location} has Flex Consumption with Node.js ${nodeVersion}`;
}

interface Usage {
  currentValue: number;
  limit: number;
  unit?: string;
}

/**
 * How much of what the subscription may have in the region is left? A deployment is not refused for the cores: the app scales no
 * further than they reach.
 */
export async function checkQuota(
  az: Az,
  subscriptionId: string,
  location: string,
  { mostCores }: TemplateFacts,
): Promise<string> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Web/locations/${location}/usages`;
  const url = `${path}?api-version=2024-11-01`;
  const usages = await az<{ value: Usage[] }>('rest', { method: 'get', url }).catch(refused);
  const where = { location, subscription: subscriptionId };
  const accounts = await az<Usage>('storage account show-usage', where).catch(refused);
  if (!usages || !accounts) return 'not looked at: you may not read the subscription';
  const cores = usages.value.filter(({ unit }) => unit === 'Core Count').map(left);
  const coresText =
    Math.min(...cores) < mostCores
      ? `only ${Math.min(...cores)} of the ${mostCores} cores of all instances are left`
      : `enough for the ${mostCores} cores of all instances`;
  return `${coresText}; ${left(accounts)} storage accounts left`;
}

const left = ({ limit, currentValue }: Usage): number => limit - currentValue;

/** `West Europe` is `westeurope`. */
const plain = (name: string): string => name.toLowerCase().replaceAll(' ', '');
