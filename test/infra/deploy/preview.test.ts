import { expect, test } from 'vitest';
import type { Az, AzOptions } from '../../../infra/cli/deploy/az.ts';
import { preview } from '../../../infra/cli/deploy/preview.ts';
import { checkRegion } from '../../../infra/cli/deploy/region.ts';

const id = (name: string): string => `/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/${name}`;
const changes = [
  { resourceId: id('new'), changeType: 'Create', delta: null },
  {
    resourceId: id('old'),
    changeType: 'Modify',
    delta: [
      { path: 'tags', propertyChangeType: 'Modify', children: null },
      {
        path: 'properties',
        propertyChangeType: 'Array',
        children: [{ path: '0', propertyChangeType: 'Create', children: [] }],
      },
      { path: 'etag', propertyChangeType: 'NoEffect', children: null },
    ],
  },
  { resourceId: id('same'), changeType: 'NoChange', delta: [] },
];

test.each([
  ['flattened', { status: 'Succeeded', changes }],
  ['as Azure sends it', { status: 'Succeeded', properties: { changes } }],
])('what would change is read %s, without what has no effect', async (_name, answer) => {
  expect(await preview((async () => answer) as Az, {}, 'main.bicepparam')).toEqual({
    lines: ['+ Microsoft.KeyVault/vaults/new', '~ Microsoft.KeyVault/vaults/old: tags, properties.0'],
    found: '1 create, 1 modify',
  });
});

test('regions with availability zones are asked for by an option without a value', async () => {
  const asked: AzOptions[] = [];
  const az = async (command: string, options: AzOptions = {}) => {
    asked.push(options);
    return command.endsWith('locations') ? [{ name: 'westeurope' }] : [{ name: 'node', version: '24' }];
  };
  const facts = { nodeVersion: '24', isZoneRedundant: true } as Parameters<typeof checkRegion>[2];
  expect(await checkRegion(az as Az, 'West Europe', facts)).toMatch(/has Flex Consumption with Node.js 24$/);
  expect(asked[0]).toEqual({ 'zone-redundant': true });
});
