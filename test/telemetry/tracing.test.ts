import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { type CollectedSpan, type Collector, startCollector } from './collector.ts';

const KEY = 'zqsecretcanary-key-of-the-user';
const CANARY = 'zqsecretcanary';
const EMAIL = 'zqsecretcanary@example.com';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const REFUSED = '1bf7651916cd43dd8448eb211c80319d';
const PARENT = 'b7ad6b7169203331';

describe('traces', () => {
  let stack: Stack;
  let collector: Collector;

  beforeAll(async () => {
    collector = await startCollector();
    stack = await startStack({
      settings: {
        ACCESS_KEYS: JSON.stringify({ web: { key: KEY, role: 'user' } }),
        DEV_IDENTITY: '',
        JUDGE_PROVIDER: 'anthropic',
        OTEL_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: `x-collector-key=${CANARY}`,
        LIMITS: JSON.stringify([
          { name: 'poor', scope: 'account', window: 'none', maxUsd: 0.000001, type: 'block' },
          { name: 'near', scope: 'global', window: 'none', maxUsd: 1, threshold: 0.75, type: 'allow' },
        ]),
      },
    });
    // Loaded behind the first request.
    await fetch(`${stack.url}/api/health/ready`);
    const post = (path: string, body: unknown, trace: string, headers: Record<string, string> = {}) =>
      fetch(`${stack.url}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-functions-key': KEY,
          'x-user-id': EMAIL,
          'x-request-id': 'request-of-the-trace',
          traceparent: `00-${trace}-${PARENT}-01`,
          ...headers,
        },
        body: JSON.stringify(body),
      });
    const search = { location: `Moab ${CANARY}`, vehicleInfo: { make: CANARY, model: CANARY, year: 2021 } };
    const answers = await Promise.all([
      post('/api/trail-finder/search', search, TRACE),
      post('/api/trail-finder/search', search, REFUSED, { 'x-account-name': 'poor-account' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 402]);
    await Promise.all(answers.map((answer) => answer.text()));
    const counts = () => stack.payi?.inspect.summary();
    await vi.waitUntil(() => (counts()?.events ?? 0) > 1 && (counts()?.scores ?? 0) > 2, {
      timeout: 60_000,
      interval: 100,
    });
    // What waits in memory is sent when the process ends.
    await stack.close();
  });
  afterAll(async () => {
    await stack?.close();
    await collector?.close();
  });

  const inTrace = (traceId: string, name: RegExp): CollectedSpan[] =>
    collector.spans.filter((span) => span.traceId === traceId && name.test(span.name));

  test('lead from the caller to the request, the model, the queue and Pay-i', () => {
    const [request] = inTrace(TRACE, /^POST \/api/);
    expect(request).toMatchObject({
      name: 'POST /api/trail-finder/search',
      // The host's span, which is below the caller's.
      parentSpanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      isError: false,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/api/trail-finder/search',
        'http.response.status_code': 200,
        'trailmeter.request.id': 'request-of-the-trace',
      },
    });
    const [call] = inTrace(TRACE, /^chat claude-sonnet/);
    expect(call?.parentSpanId).toBe(request?.spanId);
    const event = [...(stack.payi?.inspect.events() ?? [])].find(({ useCaseName }) => useCaseName === 'trail_finder');
    expect(call?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-sonnet-5-5',
      'gen_ai.response.model': 'claude-sonnet-5-5',
      'gen_ai.usage.input_tokens': expect.any(Number),
      'gen_ai.usage.output_tokens': expect.any(Number),
      'trailmeter.use_case.name': 'trail_finder',
      'trailmeter.use_case.id': event?.useCaseId,
      'trailmeter.outcome': 'succeeded',
      'trailmeter.cost.nano_usd': expect.any(Number),
      'trailmeter.hold.nano_usd': expect.any(Number),
      'trailmeter.limit.state': 'ok',
    });
    expect(call?.attributes['gen_ai.usage.input_tokens']).toBeGreaterThan(0);
    expect(call?.attributes['trailmeter.cost.nano_usd']).toBeLessThanOrEqual(
      Number(call?.attributes['trailmeter.hold.nano_usd']),
    );
    const reported = inTrace(TRACE, /^ingest trail_finder$/).filter(
      ({ parentSpanId }) => parentSpanId === call?.spanId,
    );
    expect(reported).toHaveLength(1);
    expect(reported[0]?.attributes).toMatchObject({
      'trailmeter.event.id': call?.attributes['trailmeter.event.id'],
      'trailmeter.event.kind': 'usage',
      'trailmeter.ingest.outcome': 'accepted',
      'trailmeter.queue_delay_ms': expect.any(Number),
    });
    const batches = collector.spans.filter(({ name }) => name === 'process usage-events');
    expect(batches.some(({ links }) => links.some(({ spanId }) => spanId === call?.spanId))).toBe(true);
  });

  test('lead to the scores and the judge of an answer', () => {
    const [request] = inTrace(TRACE, /^POST \/api/);
    const scores = inTrace(TRACE, /^ingest/).filter(({ attributes }) => attributes['trailmeter.event.kind'] === 'kpi');
    expect(scores.some(({ parentSpanId }) => parentSpanId === request?.spanId)).toBe(true);
    expect(inTrace(TRACE, /^chat claude-haiku/)).toHaveLength(1);
  });

  test('show a refusal and its limit', () => {
    const [call] = inTrace(REFUSED, /^chat/);
    expect(call).toMatchObject({
      isError: true,
      attributes: { 'error.type': 'limit_reached', 'trailmeter.refusal.policy': 'poor' },
    });
    expect(inTrace(REFUSED, /^ingest/)).toEqual([]);
  });

  test('have no prompt, answer, e-mail address or secret', () => {
    expect(collector.spans.length).toBeGreaterThan(5);
    const sent = collector.bodies.join('\n').toLowerCase();
    expect(sent).not.toContain(CANARY);
    expect(sent).not.toContain('example.com');
    for (const name of ['PAYI_API_KEY', 'ANTHROPIC_API_KEY', 'JUDGE_SEAL_KEY'])
      expect(sent).not.toContain((stack.settings[name] ?? 'none-of-it').toLowerCase());
  });
});
