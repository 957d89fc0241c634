import { expect, test } from 'vitest';
import { openServices, type Predicted } from '../../infra/check/private.ts';

const service = (type: string, publicNetworkAccess?: string): Predicted => ({
  type,
  name: 'x',
  properties: publicNetworkAccess === undefined ? {} : { publicNetworkAccess },
});
const closed = [
  'Microsoft.Storage/storageAccounts',
  'Microsoft.ServiceBus/namespaces',
  'Microsoft.KeyVault/vaults',
  'Microsoft.Web/sites',
].map((type) => service(type, 'Disabled'));
const endpoints = (count: number): Predicted[] =>
  Array.from({ length: count }, () => ({ type: 'Microsoft.Network/privateEndpoints', name: 'pe' }));

test.each<[string, Predicted[], boolean, string[]]>([
  ['all closed', [...closed, ...endpoints(5)], true, []],
  [
    'an app that the internet reaches',
    [...closed.slice(0, 3), service('Microsoft.Web/sites', 'Enabled'), ...endpoints(4)],
    false,
    [],
  ],
  [
    'the same, where it must not',
    [...closed.slice(0, 3), service('Microsoft.Web/sites', 'Enabled'), ...endpoints(5)],
    true,
    ['Microsoft.Web/sites has public access'],
  ],
  [
    'a vault without the property',
    [...closed.filter(({ type }) => !/Vault/.test(type)), service('Microsoft.KeyVault/vaults'), ...endpoints(5)],
    true,
    ['Microsoft.KeyVault/vaults has public access'],
  ],
  [
    'models with an endpoint',
    [...closed, service('Microsoft.CognitiveServices/accounts', 'Disabled'), ...endpoints(6)],
    true,
    [],
  ],
  [
    'models that the internet reaches',
    [...closed, service('Microsoft.CognitiveServices/accounts', 'Enabled'), ...endpoints(5)],
    true,
    ['Microsoft.CognitiveServices/accounts has public access', '5 private endpoints, not 6'],
  ],
  ['a missing endpoint', [...closed, ...endpoints(4)], true, ['4 private endpoints, not 5']],
  ['a missing service', [...closed.slice(1), ...endpoints(5)], true, ['there is no Microsoft.Storage/storageAccounts']],
])('%s', (_name, resources, inbound, found) => {
  expect(openServices(resources, inbound)).toEqual(found);
});
