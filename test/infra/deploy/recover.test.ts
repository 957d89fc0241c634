import { expect, test } from 'vitest';
import { type Az, AzError, type AzOptions } from '../../../infra/cli/deploy/az.ts';
import { recoverModels } from '../../../infra/cli/deploy/recover.ts';

const deletedIn = (group: string, name: string) => ({
  id: `/subscriptions/s/providers/Microsoft.CognitiveServices/locations/swedencentral/resourceGroups/${group}/deletedAccounts/${name}`,
  name,
  location: 'swedencentral',
});

/** Answers the list of deleted resources, and records what is recovered. */
function azWith(deleted: ReturnType<typeof deletedIn>[]) {
  const recovered: AzOptions[] = [];
  const az = async (command: string, options: AzOptions = {}) => {
    if (command === 'cognitiveservices account list-deleted') return deleted;
    recovered.push(options);
    return {};
  };
  return { az: az as Az, recovered };
}

test('the Foundry resource of a group that was deleted is brought back, no other one', async () => {
  const { az, recovered } = azWith([
    deletedIn('Trailmeter-Prod', 'ai-trailmeter-prod-abc'),
    deletedIn('trailmeter-prod', 'somebody-else'),
    deletedIn('trailmeter-prod-2', 'ai-trailmeter-prod-def'),
  ]);
  expect(await recoverModels(az, 's', 'trailmeter-prod', 'trailmeter')).toBe('recovered ai-trailmeter-prod-abc');
  expect(recovered).toEqual([
    {
      name: 'ai-trailmeter-prod-abc',
      location: 'swedencentral',
      'resource-group': 'trailmeter-prod',
      subscription: 's',
    },
  ]);
});

test('without one nothing is done', async () => {
  const { az, recovered } = azWith([]);
  expect(await recoverModels(az, 's', 'trailmeter-prod', 'trailmeter')).toBe('none was deleted');
  expect(recovered).toEqual([]);
});

test('who may not read the subscription goes on', async () => {
  const az = (async () => {
    throw new AzError('ERROR: (AuthorizationFailed) The client does not have authorization.');
  }) as Az;
  expect(await recoverModels(az, 's', 'g', 'trailmeter')).toMatch(/^not looked at/);
});
