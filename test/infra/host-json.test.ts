import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settingsSchema } from '../../shared/config/settings.ts';

interface HostJson {
  telemetryMode?: string;
  extensions: { serviceBus: { maxMessageBatchSize: number } };
  logging: { applicationInsights: { samplingSettings: { excludedTypes: string } } };
}
const host = JSON.parse(readFileSync('host.json', 'utf8')) as HostJson;

test('the host samples no log lines, from which alerts and the workbook are made', () => {
  expect(host.logging.applicationInsights.samplingSettings.excludedTypes.split(';')).toContain('Trace');
});

test('a batch is one bulk of Pay-i, and the number by which the platform scales', () => {
  const { maxMessageBatchSize } = host.extensions.serviceBus;
  expect(settingsSchema.parse({}).PAYI_BATCH_ITEMS).toBe(maxMessageBatchSize);
  expect(readFileSync('docs/operations.md', 'utf8')).toContain(
    `one instance for each ${maxMessageBatchSize} active messages`,
  );
});

test('the mode of telemetry is an app setting, since it depends on where spans go', () => {
  expect(host.telemetryMode).toBeUndefined();
  expect(readFileSync('infra/main.bicep', 'utf8')).toContain("AzureFunctionsJobHost__telemetryMode: 'OpenTelemetry'");
});
