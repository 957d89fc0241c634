import { expect, onTestFinished, test, vi } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { startAzureMonitor } from '../../shared/telemetry/azure-monitor.ts';
import { documentedQueries } from '../support/queries.ts';
import { type Envelope, startIngestion } from './ingestion.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const CANARY = 'zqsecretcanary';

async function ingesting(status?: number) {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  const ingestion = await startIngestion(status);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await ingestion.close();
  });
  return ingestion;
}

async function exporting(status?: number) {
  const ingestion = await ingesting(status);
  const lost: number[] = [];
  const tracing = startAzureMonitor({
    serviceName: 'app',
    version: '1',
    environment: 'test',
    connectionString: ingestion.connectionString,
    credential: { getToken: async () => ({ token: 'the-token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
    lost: (spans) => lost.push(spans),
  });
  return { ingestion, tracing, lost };
}

test('a request and its call arrive with their trace, their facts and the name of the app', async () => {
  const { ingestion, tracing, lost } = await exporting();
  const request = tracing.start('POST /api/analyze', {
    kind: 'server',
    parent: `00-${TRACE}-${PARENT}-01`,
    attributes: { 'http.request.method': 'POST', 'http.route': '/api/analyze', 'http.response.status_code': 200 },
  });
  const call = tracing.start('chat claude', {
    kind: 'client',
    parent: request.traceparent,
    attributes: { 'trailmeter.cost.nano_usd': 12_000, 'trailmeter.outcome': 'succeeded' },
  });
  call.end('limit_reached');
  request.end();
  await tracing.close();
  expect(ingestion.requests).toEqual([{ to: 'POST /v2.1/track', authorization: 'Bearer the-token' }]);
  const [dependency, served] = ['RemoteDependencyData', 'RequestData'].map((type) =>
    ingestion.envelopes.find(({ data }) => data.baseType === type),
  );
  expect(served).toMatchObject({
    tags: { 'ai.operation.id': TRACE, 'ai.operation.parentId': PARENT, 'ai.cloud.role': 'app' },
    data: { baseData: { name: 'POST /api/analyze', responseCode: '200', success: true } },
  });
  expect(dependency).toMatchObject({
    tags: { 'ai.operation.id': TRACE, 'ai.operation.parentId': served?.data.baseData.id },
    data: {
      baseData: {
        name: 'chat claude',
        success: false,
        properties: {
          'trailmeter.outcome': 'succeeded',
          'trailmeter.cost.nano_usd': '12000',
          'trailmeter.error': 'limit_reached',
        },
      },
    },
  });
  expect(lost).toEqual([]);
});

test('the work of a queue has its name', async () => {
  const { ingestion, tracing } = await exporting();
  tracing.start('ingest trail_finder', { kind: 'consumer' }).end();
  await tracing.close();
  expect(ingestion.envelopes.find(({ data }) => data.baseType === 'RequestData')?.data.baseData.name).toBe(
    'ingest trail_finder',
  );
});

test('spans that are refused are counted, and nothing fails', async () => {
  const { tracing, lost } = await exporting(400);
  tracing.start('work', { kind: 'server' }).end();
  await tracing.close().catch(() => undefined);
  expect(lost).toEqual([1]);
});

test('the library does not report on itself', async () => {
  await exporting();
  expect(process.env['APPLICATION_INSIGHTS_NO_STATSBEAT']).toBe('true');
  expect(process.env['APPLICATIONINSIGHTS_SDKSTATS_DISABLED']).toBe('true');
});

test('the app sends its spans, and none has what a user wrote', async () => {
  const ingestion = await ingesting();
  const stack: Stack = await startStack({
    settings: {
      OTEL_EXPORTER: 'azure-monitor',
      APPLICATIONINSIGHTS_CONNECTION_STRING: ingestion.connectionString,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    },
  });
  onTestFinished(() => stack.close());
  // Loaded behind the first request.
  await fetch(`${stack.url}/api/health/ready`);
  const answer = await fetch(`${stack.url}/api/trail-finder/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-${PARENT}-01` },
    body: JSON.stringify({ location: `Moab ${CANARY}`, vehicleInfo: { make: CANARY, model: CANARY, year: 2021 } }),
  });
  expect(answer.status).toBe(200);
  await vi.waitUntil(() => (stack.payi?.inspect.summary().events ?? 0) > 0, { timeout: 60_000, interval: 100 });
  // What waits in memory is sent when the process ends.
  await stack.close();
  const named = (name: RegExp): Envelope[] =>
    ingestion.envelopes.filter(({ tags, data }) => tags['ai.operation.id'] === TRACE && name.test(data.baseData.name));
  const [request] = named(/^POST \/api\/trail-finder\/search$/);
  const [call] = named(/^chat claude-sonnet/);
  expect(call?.tags['ai.operation.parentId']).toBe(request?.data.baseData.id);
  expect(named(/^ingest trail_finder$/).length).toBeGreaterThan(0);
  const asked = documentedQueries().flatMap(({ query }) =>
    [...query.matchAll(/Properties\['([\w.]+)'\]/g)].map(([, name = '']) => name),
  );
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter((name) => !(name in (call?.data.baseData.properties ?? {})))).toEqual([]);
  expect(ingestion.bodies.join('\n').toLowerCase()).not.toContain(CANARY);
});
