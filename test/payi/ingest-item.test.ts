import { expect, test } from 'vitest';
import { bulkMembers, wrongShape } from '../../infra/local/payi/src/ingest/ingest-item.ts';
import { type UsageEvent, usageEventSchema } from '../../shared/events/usage-event.ts';
import { ingestItem } from '../../shared/payi/ingest/ingest-item.ts';
import { kpiPuts } from '../../shared/payi/kpi-puts.ts';
import { retryAfterMs } from '../../shared/payi/transport/retry-after.ts';

const least: UsageEvent = usageEventSchema.parse({
  schemaVersion: 1,
  kind: 'usage',
  eventId: '0193a1b2-0000-7000-8000-000000000001',
  occurredAt: '2026-11-23T12:00:00.000Z',
  category: 'system.anthropic',
  resource: 'claude-sonnet-5-5',
  requestedResource: 'claude-sonnet-5-5',
  units: {},
  unitsEstimated: false,
  endToEndLatencyMs: 12,
  httpStatusCode: 529,
  outcome: 'failed',
  attempt: 1,
  providerUri: 'https://api.anthropic.com',
  providerResponseId: 'msg_1',
  useCase: { name: 'trail_finder', id: 'run-1' },
  useCaseProperties: {},
  requestProperties: {},
  limitIds: [],
  kpis: [],
  estimatedCost: null,
  holdIds: [],
});

test('a failed call has empty units, and nothing that the event lacks', () => {
  expect(ingestItem(least)).toEqual({
    category: 'system.anthropic',
    resource: 'claude-sonnet-5-5',
    units: {},
    event_timestamp: '2026-11-23T12:00:00.000Z',
    end_to_end_latency_ms: 12,
    http_status_code: 529,
    provider_uri: 'https://api.anthropic.com',
    provider_response_id: 'msg_1',
    properties: { event_id: least.eventId, outcome: 'failed' },
    use_case_name: 'trail_finder',
    use_case_id: 'run-1',
  });
});

test('everything an event can say arrives, and Pay-i takes it', () => {
  const item = ingestItem({
    ...least,
    requestedResource: 'claude-sonnet-4-20250514',
    units: { text: { input: 1, output: 2 }, web_search_request: { output: 3 } },
    unitsEstimated: true,
    timeToFirstTokenMs: 5,
    attempt: 2,
    outcome: 'aborted',
    useCase: { name: 'trail_finder', id: 'run-1', version: 3, step: 'search' },
    useCaseProperties: { service: 'trailmeter' },
    requestProperties: { region: 'alps', outcome: 'overwritten' },
    userId: 'u',
    accountName: 'a',
    limitIds: ['day', 'day', 'user'],
  });
  expect(item).toMatchObject({
    units: { text: { input: 1, output: 2 }, web_search_request: { output: 3 } },
    time_to_first_token_ms: 5,
    properties: {
      region: 'alps',
      outcome: 'aborted',
      attempt: '2',
      requested_resource: 'claude-sonnet-4-20250514',
      units_estimated: 'true',
    },
    use_case_properties: { service: 'trailmeter' },
    use_case_version: 3,
    use_case_step: 'search',
    user_id: 'u',
    account_name: 'a',
    limit_ids: ['day', 'user'],
  });
  expect(wrongShape(item, bulkMembers)).toBeUndefined();
});

test('one put for each KPI, the last score wins', () => {
  const kpis = [
    { name: 'a', score: 1 },
    { name: 'b', score: true },
    { name: 'a', score: 2 },
  ];
  expect(kpiPuts({ ...least, kpis })).toEqual([
    { useCaseName: 'trail_finder', useCaseId: 'run-1', kpiName: 'a', score: 2 },
    { useCaseName: 'trail_finder', useCaseId: 'run-1', kpiName: 'b', score: true },
  ]);
});

test.each<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ 'retry-after': '3' }, 3000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after-ms': '250', 'retry-after': '3' }, 250],
  [{ 'retry-after': 'Mon, 23 Nov 2026 12:00:10 GMT' }, 10_000],
  [{ 'retry-after': 'Mon, 23 Nov 2026 11:00:00 GMT' }, undefined],
  [{ 'retry-after': '-3' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '' }, undefined],
])('Retry-After of %j', (headers, expected) => {
  expect(retryAfterMs(new Headers(headers), Date.parse('2026-11-23T12:00:00Z'))).toBe(expected);
});
