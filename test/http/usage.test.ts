import { afterEach, beforeEach, expect, test } from 'vitest';
import { firstSend } from '../../shared/events/queued-event.ts';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { usageCsv } from '../../shared/usage/answers/usage-csv.ts';
import type { UsageReport, UsageRow } from '../../shared/usage/answers/usage-report.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { dimensions } from '../../shared/usage/usage-group.ts';
import { createUsageService } from '../../shared/usage/usage-service.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { ADMIN_KEY, envelope, startTestApp, type TestApp } from '../support/app.ts';
import { manualClock, noting, startMs, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

const FELL_BACK = 'policy=user-daily, asked=claude-opus-5-5, model=claude-haiku-5-5';

const admin = { 'x-functions-key': ADMIN_KEY };
let app: TestApp;

beforeEach(async () => {
  const tables = new MemoryTables();
  const clock = manualClock();
  const telemetry = noting();
  const ledger = createLedger(tables, ['limit_fallback', 'region']);
  const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90 });
  const usage = createUsageService({ tables, ledger, marks, refusals: createRefusalRows(tables), clock, telemetry });
  app = await startTestApp({ USAGE_PROPERTIES: 'region, limit_fallback' }, { usage, clock });
  const called = (minutes: number, change: Partial<UsageEvent>) =>
    usageEvent({ ...change, eventId: uuidV7(startMs + minutes * 60_000) });
  const events = [
    called(0, { userId: 'sam', timeToFirstTokenMs: 100 }),
    called(70, { userId: 'sam', outcome: 'failed', units: {}, estimatedCost: 0 }),
    called(80, {
      userId: 'eve',
      useCaseProperties: { region: 'utah' },
      requestProperties: { limit_fallback: FELL_BACK },
      units: { text: { input: 100, output: 1 }, text_cache_read: { input: 300 } },
    }),
  ];
  await ledger.record(
    events.map((event) => ({
      outgoing: firstSend(event),
      tried: false,
      state: 'ingested' as const,
      outcome: 'accepted',
      costNanoUsd: 2_000_000n,
      atMs: startMs,
    })),
  );
  clock.nowMs += 85 * 60_000;
  await usage.fold();
});
afterEach(() => app.close());

const ask = (query: string, headers: Record<string, string> = {}) =>
  app.call('get-usage', { method: 'GET', url: `http://127.0.0.1/api/usage?${query}`, headers });

test('a user gets what the own calls used and cost, to the last minute', async () => {
  const { data } = await envelope(await ask(''));
  expect(data).toEqual({
    from: '2026-10-24T00:00:00.000Z',
    to: '2026-11-23T12:00:00.000Z',
    interval: 'none',
    groupBy: [],
    dimensions: [...dimensions, 'property.region', 'property.limit_fallback'],
    latencyError: 0.01,
    next: null,
    rows: [
      {
        requests: 2,
        succeeded: 1,
        failed: 1,
        aborted: 0,
        abandoned: 0,
        refused: 0,
        units: { text: { input: 120, output: 80 } },
        tokens: { input: 120, output: 80, cacheRead: 0, cacheWrite: 0 },
        cacheShare: 0,
        estimatedUsd: 0.00156,
        unestimated: 0,
        payiUsd: 0.004,
        payiPriced: 2,
        latencyMs: { p50: 907, p90: 907, p95: 907, p99: 907 },
        timeToFirstTokenMs: { p50: 100, p90: 100, p95: 100, p99: 100 },
      },
    ],
  });
});

test('an admin gets all, by groups and intervals, page by page', async () => {
  const query = 'groupBy=outcome,user&interval=hour&from=2026-11-23&to=2026-11-24&limit=2';
  const { data } = await envelope(await ask(query, admin));
  const keys = ({ user, outcome, start, cacheShare }: Record<string, unknown>) => [user, outcome, start, cacheShare];
  expect(data.rows.map(keys)).toEqual([
    ['eve', 'succeeded', '2026-11-23T11:00:00.000Z', 0.75],
    ['sam', 'failed', '2026-11-23T11:00:00.000Z', null],
  ]);
  const { data: rest } = await envelope(await ask(`${query}&cursor=${data.next}`, admin));
  expect(rest.rows.map(keys)).toEqual([['sam', 'succeeded', '2026-11-23T10:00:00.000Z', 0]]);
  expect(rest.next).toBeNull();
});

test('rows come as CSV and as lines of JSON, and say where the next page begins', async () => {
  const query = 'groupBy=user,outcome&interval=day&limit=1';
  const csv = await ask(`${query}&format=csv`, admin);
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect((await csv.text()).split('\r\n')).toEqual([
    'start,user,outcome,requests,succeeded,failed,aborted,abandoned,refused,inputTokens,outputTokens,cacheReadTokens,' +
      'cacheWriteTokens,cacheShare,estimatedUsd,unestimated,payiUsd,payiPriced,' +
      'latencyP50Ms,latencyP90Ms,latencyP95Ms,latencyP99Ms,' +
      'timeToFirstTokenP50Ms,timeToFirstTokenP90Ms,timeToFirstTokenP95Ms,timeToFirstTokenP99Ms',
    '2026-11-23T00:00:00.000Z,eve,succeeded,1,1,0,0,0,0,400,1,300,0,0.75,0.00156,0,0.002,1,907,907,907,907,,,,',
    '',
  ]);
  const focus = await ask('limit=1&format=focus', admin);
  expect(focus.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect((await focus.text()).split('\r\n')[1]).toMatch(/^0\.00312,trailmeter,.*Anthropic/);
  expect(focus.headers.get('x-next-cursor')).toBeNull();
  const next = csv.headers.get('x-next-cursor');
  const lines = await (await ask(`${query}&format=ndjson&cursor=${next}`, admin)).text();
  expect(JSON.parse(lines)).toMatchObject({ user: 'sam', outcome: 'failed', requests: 1 });
});

test('a spreadsheet runs nothing that a caller wrote, and no text breaks a row', () => {
  const row = { user: '=cmd|"a"', model: 'a,b\nc', tokens: {}, estimatedUsd: 4e-9, payiUsd: 0 };
  const csv = usageCsv({ interval: 'none', groupBy: ['user', 'model'], rows: [row] } as unknown as UsageReport);
  expect(csv.slice(csv.indexOf('\r\n') + 2)).toMatch(/^"'=cmd\|""a""","a,b\nc",.*,0\.000000004,/s);
});

test('usage is grouped and filtered by the properties of the setting', async () => {
  const { data } = await envelope(await ask('groupBy=property.region', admin));
  expect(data.rows.map((row: Record<string, unknown>) => [row['properties'], row['requests']])).toEqual([
    [{ region: null }, 2],
    [{ region: 'utah' }, 1],
  ]);
  const filter = `properties=${encodeURIComponent('{"region":"utah"}')}`;
  expect((await envelope(await ask(filter, admin))).data.rows[0].requests).toBe(1);
  const csv = await ask(`groupBy=property.region&format=csv&${filter}`, admin);
  expect(await csv.text()).toMatch(/^property\.region,requests.*\r\nutah,1,/);
  const focus = await (await ask(`groupBy=property.region&format=focus&${filter}`, admin)).text();
  expect(focus).toContain('"{""region"":""utah""}"');
});

test.each([
  ['groupBy=property.trail', 'groupBy'],
  ['properties={"trail":"x"}', 'properties'],
  ['properties=region', 'properties'],
  ['groupBy=colour', 'groupBy'],
  ['from=yesterday', 'from'],
  ['from=2026-11-24&to=2026-11-23', 'from'],
  ['from=2025-01-01&to=2026-11-23', 'from'],
  ['from=2026-10-01&to=2026-11-23&interval=hour', 'from'],
  ['cursor=x', 'cursor'],
  ['groupBy=user&cursor=WyJhIl0', 'cursor'],
  ['limit=1001', 'limit'],
  ['interval=week', 'interval'],
  ['format=xml', 'format'],
])('%s: 400 that names %s', async (query, field) => {
  const answer = await ask(query, admin);
  expect(answer.status).toBe(400);
  expect((await envelope(answer)).details.fields[0].field).toBe(field);
});

test('what another user used is for admins', async () => {
  expect((await ask('user=eve')).status).toBe(403);
  expect((await envelope(await ask('user=eve', admin))).data.rows[0].requests).toBe(1);
});

test('calls that fell back are grouped and filtered by what was done; their outcome says how they ended', async () => {
  const filter = encodeURIComponent(JSON.stringify({ limit_fallback: FELL_BACK }));
  for (const query of ['', `&properties=${filter}`]) {
    const { data } = await envelope(await ask(`groupBy=property.limit_fallback,outcome${query}`, admin));
    const rows = data.rows.map(({ properties, outcome, requests }: UsageRow) => [
      properties?.['limit_fallback'],
      outcome,
      requests,
    ]);
    expect(rows).toContainEqual([FELL_BACK, 'succeeded', 1]);
    expect(rows).toHaveLength(query === '' ? 3 : 1);
  }
});
