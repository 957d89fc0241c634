import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Predicted } from '../../infra/check/private.ts';
import { snapshotSettings } from '../../infra/check/snapshot-settings.ts';

const settings = (properties: unknown): Predicted[] => [
  { type: 'Microsoft.Web/sites/config', name: "[format('{0}/{1}', 'app', 'appsettings')]", properties } as Predicted,
];

test.each([
  ['values that are known', "[createObject('A', 'x', 'B', '')]", { A: 'x', B: '' }],
  [
    'values that are known later',
    "[createObject('A', reference('x, y').outputs.z['a'], 'B', 'b')]",
    { A: undefined, B: 'b' },
  ],
  ['quotes and commas in a text', "[createObject('A', 'it''s, (', 'B', 'b')]", { A: "it's, (", B: 'b' }],
  [
    'objects that are merged',
    "[union(union(createObject('A', 'x'), reference('v')), createObject('A', 'y', 'B', 'b'))]",
    { A: 'y', B: 'b' },
  ],
  ['no object', "[reference('v')]", {}],
  ['an object that is whole', { A: 'x' }, { A: 'x' }],
])('%s', (_name, properties, found) => {
  expect(snapshotSettings(settings(properties))).toEqual(found);
});

test('other parts of the app are passed over', () => {
  expect(snapshotSettings([{ type: 'Microsoft.Web/sites', name: 'x' }])).toEqual({});
});

test.each(readdirSync('infra').filter((name) => name.endsWith('.snapshot.json')))('%s has settings', (name) => {
  const { predictedResources } = JSON.parse(readFileSync(`infra/${name}`, 'utf8')) as {
    predictedResources: Predicted[];
  };
  expect(snapshotSettings(predictedResources)).toMatchObject({ SERVICE_NAME: 'trailmeter', MALLOC_ARENA_MAX: '2' });
});

test('with models of Azure the app gets their addresses, and the deployments of OpenAI with their models', () => {
  const { predictedResources } = JSON.parse(readFileSync('infra/foundry.snapshot.json', 'utf8'));
  expect(snapshotSettings(predictedResources)).toMatchObject({
    ANTHROPIC_PLATFORM: 'foundry',
    AZURE_OPENAI_DEPLOYMENTS: '{"gpt-5.4-mini":"gpt-5.4-mini"}',
  });
});
