import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// The arithmetic of "Capacity" in docs/operations.md, from what the templates deploy.

interface Scale {
  maximumInstanceCount: number;
  instanceMemoryMB: number;
  triggers: { http: { perInstanceConcurrency: number } };
}

function scaleOf(name: string): Scale {
  const { predictedResources } = JSON.parse(readFileSync(`infra/${name}.snapshot.json`, 'utf8')) as {
    predictedResources: { type: string; properties?: { functionAppConfig?: { scaleAndConcurrency: Scale } } }[];
  };
  const app = predictedResources.find(({ type }) => type === 'Microsoft.Web/sites');
  if (!app?.properties?.functionAppConfig) throw new RangeError(`infra/${name}.snapshot.json has no function app.`);
  return app.properties.functionAppConfig.scaleAndConcurrency;
}

const page = readFileSync('docs/operations.md', 'utf8');
const CALL_SECONDS = 8;
const rates = [1, 10, 100, 1_000];
const { maximumInstanceCount, instanceMemoryMB, triggers } = scaleOf('main');
const concurrency = triggers.http.perInstanceConcurrency;

/** The cells of the table's row whose first one begins so, without the first two. */
const cells = (name: string): string[] => {
  const row = page.split('\n').find((line) => line.startsWith(`| ${name}`)) ?? '';
  return row
    .split('|')
    .slice(3, -1)
    .map((cell) => cell.trim().replace(',', ''));
};

test.each<[string, (rate: number) => string]>([
  ['HTTP instances', (rate) => String(Math.ceil((rate * CALL_SECONDS) / concurrency))],
  ['credits of Service Bus', (rate) => String(2 * rate)],
  ['CPU of an HTTP instance', () => `${Math.round((concurrency / CALL_SECONDS) * 4 * 0.1)} %`],
  ['ingest', (rate) => `${Math.round(rate * 0.1 * 0.1)} %`],
  ['table requests of limits', (rate) => String(Math.round(rate * 0.03) / 10)],
])('%s', (name, figureOf) => {
  expect(cells(name)).toEqual(rates.map(figureOf));
});

test('the wall of HTTP is that of the templates', () => {
  const most = ({ maximumInstanceCount: instances, triggers: { http } }: Scale) =>
    (instances * http.perInstanceConcurrency) / CALL_SECONDS;
  const production = scaleOf('prod');
  expect(page).toContain(
    `${maximumInstanceCount} instances are ${most(scaleOf('main'))} calls a second of ${CALL_SECONDS} s, ${production.maximumInstanceCount} are ${most(production)}`,
  );
  expect(page).toContain(`÷ httpConcurrency\` (${concurrency})`);
  expect(page).toContain(`${instanceMemoryMB.toLocaleString('en')} MB have one core`);
});
