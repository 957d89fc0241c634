import { expect, test } from 'vitest';
import type { Az, AzOptions } from '../../../infra/cli/deploy/az.ts';
import { setSecrets } from '../../../infra/cli/deploy/secrets.ts';

test('a secret that a library reads, not the app, is set as it is', async () => {
  const written: AzOptions[] = [];
  const az = async (command: string, options: AzOptions = {}) => {
    if (command === 'keyvault secret list') return [];
    written.push(options);
    return {};
  };
  const found = await setSecrets(
    az as Az,
    'a-vault',
    ['OTEL_EXPORTER_OTLP_HEADERS'],
    { subscriptionId: 's', objectId: 'o', principalType: 'User' },
    {
      environment: { OTEL_EXPORTER_OTLP_HEADERS: 'x-key=abc' },
      ask: async () => '',
      signal: new AbortController().signal,
    },
  );
  expect(found).toBe('set OTEL_EXPORTER_OTLP_HEADERS in a-vault');
  expect(written).toMatchObject([{ 'vault-name': 'a-vault', name: 'otel-exporter-otlp-headers' }]);
});
