import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface HostJson {
  telemetryMode?: string;
  logging: { applicationInsights: { samplingSettings: { excludedTypes: string } } };
}
const host = JSON.parse(readFileSync('host.json', 'utf8')) as HostJson;

test('the host samples no log lines, from which alerts and the workbook are made', () => {
  expect(host.logging.applicationInsights.samplingSettings.excludedTypes.split(';')).toContain('Trace');
});

test('the mode of telemetry is an app setting, since it depends on where spans go', () => {
  expect(host.telemetryMode).toBeUndefined();
  expect(readFileSync('infra/main.bicep', 'utf8')).toContain("AzureFunctionsJobHost__telemetryMode: 'OpenTelemetry'");
});
