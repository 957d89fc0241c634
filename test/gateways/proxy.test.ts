import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import {
  proxyAnalyzeByPathRoute,
  proxyAnalyzeRoute,
  proxyHealthRoute,
  proxyJudgeByPathRoute,
  proxyJudgeRoute,
  proxyTrailFinderByPathRoute,
  proxyTrailFinderRoute,
} from '../../shared/api/gateways/payi-proxy.ts';
import { TrailmeterError } from '../../shared/errors/trailmeter-error.ts';
import { gateway } from '../../shared/gateways/gateway.ts';
import { proxyAnalyze } from '../../shared/gateways/payi-proxy/analyze.ts';
import { analyzeBody, judgeBody, trailFinderBody } from '../../shared/gateways/payi-proxy/bodies.ts';
import { proxyFailure } from '../../shared/gateways/payi-proxy/errors.ts';
import { proxyHealth } from '../../shared/gateways/payi-proxy/health.ts';
import { proxyJudge } from '../../shared/gateways/payi-proxy/judge.ts';
import { type ProxyServices, proxied, proxiedByPath } from '../../shared/gateways/payi-proxy/run.ts';
import { proxyTrailFinder } from '../../shared/gateways/payi-proxy/trail-finder.ts';
import { createRequestMemory } from '../../shared/http/memory/request-memory.ts';
import { loadAnthropic } from '../../shared/model/clients/load-anthropic.ts';
import { createTextModel } from '../../shared/model/clients/text-models.ts';
import { tracked } from '../../shared/tracking/tracked.ts';
import { trackedFetch } from '../../shared/tracking/tracked-fetch.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { noKeys } from '../support/keys.ts';
import { noRates } from '../support/no-rates.ts';
import { recording } from '../support/recording.ts';
import { type OddProvider, startOddProvider } from './odd-provider.ts';
import { GATEWAY_KEY, gatewaySettings, PATH_KEY, serve } from './serve.ts';

let model: ModelStandIn;
let server: Awaited<ReturnType<typeof serve>>;
let record: ReturnType<typeof recording>;
let settings: ReturnType<typeof gatewaySettings>;
let image: string;

function services(): ProxyServices {
  const metering = { ...record, clock: systemClock };
  const anthropic = loadAnthropic({
    apiKey: 'provider-secret',
    baseUrl: settings.ANTHROPIC_BASE_URL,
    maxRetries: 0,
    middleware: [tracked({ ...metering, maxRetries: 0 })],
  });
  const chatFetch = (category: string) => trackedFetch(metering, category);
  return {
    settings,
    telemetry: record.telemetry,
    clock: systemClock,
    memory: createRequestMemory(settings, systemClock),
    anthropic,
    keys: noKeys,
    rateLimits: noRates,
    textModel: (provider, name) => createTextModel(provider, name, { settings, anthropic, chatFetch }),
  };
}

beforeAll(async () => {
  model = await startModel({ apiKey: 'provider-secret' });
  const bytes = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#886644' } })
    .jpeg()
    .toBuffer();
  image = `data:image/jpeg;base64,${bytes.toString('base64')}`;
  const routes = [
    { route: proxyAnalyzeRoute, path: /^\/analyze$/, handle: proxied(analyzeBody, proxyAnalyze) },
    {
      route: proxyAnalyzeByPathRoute,
      path: /^\/p\/(?<token>[^/]+)\/analyze$/,
      handle: proxiedByPath(analyzeBody, proxyAnalyze),
    },
    { route: proxyTrailFinderRoute, path: /^\/trail-finder$/, handle: proxied(trailFinderBody, proxyTrailFinder) },
    {
      route: proxyTrailFinderByPathRoute,
      path: /^\/p\/(?<token>[^/]+)\/trail-finder$/,
      handle: proxiedByPath(trailFinderBody, proxyTrailFinder),
    },
    { route: proxyJudgeRoute, path: /^\/judge$/, handle: proxied(judgeBody, proxyJudge) },
    {
      route: proxyJudgeByPathRoute,
      path: /^\/p\/(?<token>[^/]+)\/judge$/,
      handle: proxiedByPath(judgeBody, proxyJudge),
    },
  ].map(({ route, path, handle }) => ({
    method: 'POST',
    path,
    handler: gateway({ services, route, failure: proxyFailure }, handle),
  }));
  const health = gateway({ services, route: proxyHealthRoute, failure: proxyFailure }, async (_request, built) =>
    proxyHealth(built.settings),
  );
  server = await serve([...routes, { method: 'GET', path: /^\/health$/, handler: health }]);
});
afterAll(async () => {
  await server.close();
  await model.close();
});
beforeEach(() => {
  model.reset();
  record = recording();
  settings = gatewaySettings({
    ANTHROPIC_BASE_URL: model.url,
    OPENAI_API_KEY: 'provider-secret',
    OPENAI_BASE_URL: `${model.url}/v1`,
  });
});

async function post(path: string, body: unknown, headers: Record<string, string> = { 'x-functions-key': GATEWAY_KEY }) {
  const answer = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
}

const analysis = () => ({
  images: [image],
  model: 'claude-sonnet-4-20250514',
  prompt: 'Assess this trail.',
  vehicle_info: { make: 'Toyota', model: '4Runner', year: '2020', features: ['winch'], suspension_brand: null },
  context: { trail_name: 'Rubicon Trail' },
  user_id: 'sam@example.com',
});
const search = { prompt: 'Find trails near Moab, Utah', user_id: 'sam', use_case_properties: { location: 'Moab' } };
const judgement = { prompt: 'Judge this answer', validated_use_case: 'trail_finder', location: 'Moab' };

describe('success', () => {
  test('/analyze: a retired model is served by its successor, the e-mail stays here', async () => {
    const { status, body } = await post('/analyze', analysis());
    expect(status).toBe(200);
    const [event] = record.events;
    expect(body).toMatchObject({
      success: true,
      text: expect.stringMatching(/./),
      use_case_id: event?.useCase.id,
      payi_request_id: null,
      error: null,
    });
    const usage = body['usage'] as Record<string, number>;
    expect(usage['cost']).toBeGreaterThan(0);
    expect((usage['input_cost'] ?? 0) + (usage['output_cost'] ?? 0)).toBeCloseTo(usage['cost'] ?? -1, 6);
    expect(event).toMatchObject({
      requestedResource: 'claude-sonnet-5-5',
      useCase: { name: 'trail_analysis' },
      useCaseProperties: { trail_name: 'Rubicon Trail', vehicle_make: 'Toyota', vehicle_year: '2020' },
      requestProperties: { image_count: '1', has_context: 'true' },
    });
    expect(event?.userId).toMatch(/^user-/);
  });

  test.each([
    ['line breaks', (text: string) => text.replace(/.{76}/g, '$&\n')],
    ['base64url', (text: string) => Buffer.from(text, 'base64').toString('base64url')],
    ['a final newline', (text: string) => `${text}\n`],
    ['a data URL with line breaks', (text: string) => `data:image/*;base64,\n${text.replace(/.{76}/g, '$&\r\n')}`],
  ])('/analyze: base64 with %s', async (_name, write) => {
    const images = [write(image.slice(image.indexOf(',') + 1))];
    await expect(post('/analyze', { ...analysis(), images })).resolves.toMatchObject({ status: 200 });
  });

  test('/trail-finder: searched, version 1', async () => {
    const { status } = await post('/trail-finder', search);
    expect(status).toBe(200);
    expect(record.events[0]).toMatchObject({ useCase: { name: 'trail_finder', version: 1 }, userId: 'sam' });
    expect(record.events[0]?.units).toHaveProperty('web_search_request');
  });

  test('/trail-finder: a paused turn is continued in the same instance', async () => {
    model.script({
      content: [
        { type: 'text', text: 'Still looking.' },
        {
          type: 'server_tool_use',
          id: 'srvtoolu_1',
          name: 'web_search',
          input: { query: 'Moab' },
          caller: { type: 'direct' },
        },
      ],
      stopReason: 'pause_turn',
    });
    const { body } = await post('/trail-finder', { ...search, use_case_version: null });
    expect(body['text']).toMatch(/^Still looking\./);
    expect(record.events).toHaveLength(2);
    expect(new Set(record.events.map((event) => event.useCase.id)).size).toBe(1);
    expect(record.events[0]?.useCase.version).toBeUndefined();
  });

  test('/judge: OpenAI by default, its properties are the server’s', async () => {
    const { status } = await post('/judge', { ...judgement, use_case_properties: { judge_model: 'forged', own: '1' } });
    expect(status).toBe(200);
    expect(record.events[0]).toMatchObject({
      category: 'system.openai',
      useCaseProperties: {
        own: '1',
        judge_provider: 'openai',
        judge_model: 'gpt-4o',
        validated_use_case: 'trail_finder',
        location: 'Moab',
      },
    });
  });

  test('/health', async () => {
    const answer = await fetch(`${server.url}/health`);
    expect(await answer.json()).toEqual({
      status: 'healthy',
      service: 'trailmeter',
      payi_enabled: true,
      anthropic_enabled: true,
    });
  });
});

describe('who may come in', () => {
  test.each([
    ['a key made for paths', `/p/${PATH_KEY}/trail-finder`, {}, 200],
    ['another key in the path', `/p/${GATEWAY_KEY}/trail-finder`, {}, 401],
    ['a key made for paths in a header', '/trail-finder', { 'x-functions-key': PATH_KEY }, 401],
    ['a wrong secret path', '/p/wrong/trail-finder', {}, 401],
    ['a function key', '/trail-finder', { 'x-functions-key': GATEWAY_KEY }, 200],
    ['a bearer', '/trail-finder', { authorization: `Bearer ${GATEWAY_KEY}` }, 200],
    ['nothing', '/trail-finder', {}, 401],
    ['a key in the query', `/trail-finder?token=${GATEWAY_KEY}`, {}, 401],
  ])('%s', async (_name, path, headers, expected) => {
    const { status, body } = await post(path, search, headers as Record<string, string>);
    expect(status).toBe(expected);
    if (status !== 200) expect(body).toMatchObject({ detail: 'Authentication required' });
    expect(model.calls()).toHaveLength(status === 200 ? 1 : 0);
  });

  test('anonymous callers can name nobody', async () => {
    settings = { ...settings, GATEWAY_ANONYMOUS: true };
    await post('/trail-finder', search, {});
    expect(record.events[0]?.userId).toBe('anonymous');
    const wrong = await post('/trail-finder', search, { authorization: 'Bearer wrong' });
    expect(wrong.status).toBe(401);
  });
});

test('a use case that is not listed: 422 naming the member', async () => {
  settings = { ...settings, GATEWAY_USE_CASES: ['guide'] };
  const answer = await post('/trail-finder', { ...search, use_case_name: 'brand_new' });
  expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'use_case_name'] }] } });
  await expect(post('/trail-finder', { ...search, use_case_name: 'guide' })).resolves.toMatchObject({ status: 200 });
});

describe('errors are {"detail"} with the status that is meant', () => {
  const invalid: [string, string, unknown, object][] = [
    ['missing', '/analyze', {}, { type: 'missing', loc: ['body', 'images'], msg: 'Field required' }],
    ['not a list', '/analyze', { images: 'x' }, { type: 'list_type', loc: ['body', 'images'] }],
    ['a number as property', '/trail-finder', { prompt: 'x', use_case_properties: { a: 1 } }, { type: 'string_type' }],
    ['no text', '/judge', { prompt: 7 }, { type: 'string_type', loc: ['body', 'prompt'] }],
    ['null provider', '/judge', { prompt: 'x', provider: null }, { type: 'string_type', loc: ['body', 'provider'] }],
    ['tokens out of bounds', '/trail-finder', { prompt: 'x', max_tokens: -5 }, { loc: ['body', 'max_tokens'] }],
    ['no JSON', '/judge', '{', { type: 'json_invalid' }],
    ['no image', '/analyze', { images: [] }, { loc: ['body', 'images'] }],
    ['data URL without comma', '/analyze', { images: ['data:image/png;base64'] }, { loc: ['body', 'images', 0] }],
    ['not an image', '/analyze', { images: ['aGVsbG8gd29ybGQ='] }, { loc: ['body', 'images', 0] }],
    ['another model', '/analyze', { images: [], model: 'gpt-4o' }, { loc: ['body', 'model'] }],
    ['a sentence for a model', '/judge', { prompt: 'x', model: 'please judge' }, { loc: ['body', 'model'] }],
    ['a sentence for Claude', '/trail-finder', { prompt: 'x', model: 'claude-5 go' }, { loc: ['body', 'model'] }],
  ];
  test.each(invalid)('422 %s', async (_name, path, body, detail) => {
    const answer = await post(path, body);
    expect(answer).toMatchObject({
      status: 422,
      body: { detail: expect.arrayContaining([expect.objectContaining(detail)]) },
    });
    expect(model.calls()).toHaveLength(0);
  });

  const failing: [string, number, number, string | null][] = [
    ['rate limit keeps its status and pause', 429, 429, '45'],
    ["the provider's 401 is not the caller's", 401, 502, null],
    ['a refused request', 400, 400, null],
    ['a model that there is not', 404, 404, null],
    ['overloaded', 529, 503, '45'],
    ['a failure of the provider', 500, 502, null],
  ];
  for (const [path, body] of [
    ['/trail-finder', search],
    ['/judge', { ...judgement, provider: 'anthropic', model: 'claude-haiku-5-5' }],
    ['/judge', judgement],
  ] as const)
    test.each(failing)(`${path}: %s`, async (_name, provider, ours, pause) => {
      model.script({ error: { status: provider, message: 'inner text' }, headers: { 'retry-after': '45' } });
      const answer = await post(path, body);
      expect(answer).toMatchObject({ status: ours, body: { detail: expect.any(String) } });
      if (pause) expect(answer.headers.get('retry-after')).toBe(pause);
      expect(JSON.stringify(answer.body)).not.toContain('inner text');
      expect(record.events).toMatchObject([{ httpStatusCode: provider, outcome: 'failed' }]);
    });

  test('out of reach: 502, JSON', async () => {
    settings = { ...settings, ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' };
    await expect(post('/trail-finder', search)).resolves.toMatchObject({
      status: 502,
      body: { detail: expect.any(String) },
    });
  });

  test('no room in a limit: 402', async () => {
    record.behaviour.refuse = new TrailmeterError('limit_reached', 'Over budget', { status: 402 });
    for (const [path, body] of [
      ['/trail-finder', search],
      ['/judge', judgement],
    ] as const)
      await expect(post(path, body)).resolves.toMatchObject({ status: 402, body: { detail: 'Over budget' } });
  });

  test('providers: unknown 400, without a key 503', async () => {
    await expect(post('/judge', { prompt: 'x', provider: 'acme' })).resolves.toMatchObject({
      status: 400,
      body: { detail: 'Unsupported provider: acme' },
    });
    await expect(post('/judge', { prompt: 'x', provider: 'xai' })).resolves.toMatchObject({
      status: 503,
      body: { detail: 'xAI API key not configured' },
    });
  });

  test.each([
    ['empty', { content: [] }, 502],
    ['cut off', { stopReason: 'max_tokens' as const }, 502],
    ['declined', { stopReason: 'refusal' as const, content: [] }, 422],
  ])('an answer that is %s is not a success', async (_name, outcome, status) => {
    model.script(outcome);
    await expect(post('/analyze', analysis())).resolves.toMatchObject({ status, body: { detail: expect.any(String) } });
    expect(record.events).toHaveLength(1);
  });
});

describe('an odd answer of the provider is 502 in words, and one event', () => {
  let provider: OddProvider;
  beforeAll(async () => {
    provider = await startOddProvider(model.url);
  });
  afterAll(() => provider.close());

  const events = (...all: object[]) => all.map((data) => `data: ${JSON.stringify(data)}\n\n`).join('');
  const start = {
    type: 'message_start',
    message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], model: 'claude-haiku-5-5', usage: {} },
  };
  const block = (content_block: unknown) => ({ type: 'content_block_start', index: 0, content_block });
  const end = [
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: {}, usage: {} },
    { type: 'message_stop' },
  ];
  const stream = (body: string, isCut = false) => ({ type: 'text/event-stream', body, isCut });
  const error = { error: { type: 'overloaded_error', message: 'Overloaded' } };
  const common: [string, { type?: string; body: string; isCut?: boolean }][] = [
    ['an error with status 200', { body: JSON.stringify({ type: 'error', ...error }) }],
    ['a page', { type: 'text/html', body: '<html>' }],
    ['nothing', { body: '' }],
    ['a list', { body: '[]' }],
    ['null', { body: 'null' }],
    ['half an answer', { body: '{"id":"x","choices":[', isCut: true }],
  ];
  const messages: typeof common = [
    ...common,
    ['an empty stream', stream('')],
    ['a stream of an error', stream(events({ type: 'error', ...error }))],
    ['a stream that only begins', stream(events(start))],
    ['a stream that breaks off', stream(events(start, block({ type: 'text', text: '' })), true)],
    ['a stream without a beginning', stream(events(block({ type: 'text', text: 'x' }), ...end))],
    ['a stream without blocks', stream(events(start, ...end))],
    ['a block that is null', stream(events(start, block(null), ...end))],
    ['a text that is a number', stream(events(start, block({ type: 'text', text: 7 }), ...end))],
    ['a message that is null', stream(events({ type: 'message_start', message: null }, ...end))],
    ['events that are not JSON', stream('data: {\n\n')],
  ];
  const completions: typeof common = [
    ...common,
    ['no choices', { body: '{}' }],
    ['choices that are null', { body: '{"choices":null}' }],
    ['no choice', { body: '{"choices":[]}' }],
    ['a choice without a message', { body: '{"choices":[{}]}' }],
    ['a message that is null', { body: '{"choices":[{"message":null}]}' }],
    ['a text that is a number', { body: '{"choices":[{"message":{"content":7}}]}' }],
    ['a text that is a list', { body: '{"choices":[{"message":{"content":[{"type":"text","text":"x"}]}}]}' }],
  ];
  const claude = { provider: 'anthropic', model: 'claude-haiku-5-5' };
  const cases = [
    ...messages.map(([name, answer]) => ['/analyze', name, {}, answer] as const),
    ...messages.map(([name, answer]) => ['/trail-finder', name, search, answer] as const),
    ...messages.map(([name, answer]) => ['/judge', name, { ...judgement, ...claude }, answer] as const),
    ...completions.map(([name, answer]) => ['/judge', name, judgement, answer] as const),
  ];

  test.each(cases)('%s: %s', async (path, _name, body, answer) => {
    settings = gatewaySettings({
      ANTHROPIC_BASE_URL: provider.url,
      OPENAI_API_KEY: 'provider-secret',
      OPENAI_BASE_URL: `${provider.url}/v1`,
    });
    provider.odd = { 'POST /v1/(messages|chat/completions)': answer };
    const { status, body: told } = await post(path, path === '/analyze' ? analysis() : body);
    expect({ status, told }).toEqual({ status: 502, told: { detail: expect.any(String), code: expect.any(String) } });
    expect(record.events).toHaveLength(1);
    expect(record.settlements).toHaveLength(1);
  });
});
