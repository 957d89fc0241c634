import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { OutcomeInput } from '../../infra/local/model/src/script.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { type Collector, startCollector } from '../telemetry/collector.ts';
import { dumpQueue } from './queue-dump.ts';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.ts';
import { dumpTables } from './tables-dump.ts';

/** In every text that must stay between the caller, us and the model: prompts, answers, images, e-mail addresses, keys. */
const SECRET = 'zqsecretcanary';
/** In what the contract reports as a property or an attribution: nothing else of a request may leave. */
const REPORTED = 'zqreportedcanary';
let serial = 0;
const hidden = (place: string): string => `${SECRET}-${place}-${++serial}`;
const open = (place: string): string => `${REPORTED}-${place}`;

const userKey = hidden('user-key');
const adminKey = hidden('admin-key');
const pathKey = hidden('path-key');
const email = `${SECRET}@example.com`;

/** What `open` marks, and the property or member under which it may be found. */
const allowed = [
  ['trail-name', 'trail_name'],
  ['trail-location', 'trail_location'],
  ['make', 'vehicle_make'],
  ['model', 'vehicle_model'],
  ['location', 'location'],
  ['account', 'accountName'],
  ['use-case-property', 'door'],
  ['request-property', 'door'],
  ['step', 'step'],
] as const;

let stack: Stack;
let payi: RecordingProxy;
let collector: Collector;
let photo: Buffer;
const lines: string[] = [];
const answerHeaders: string[] = [];
/** Ids of the usage events that the app has put in its queue. */
const published = new Set<string>();
/** The bodies of all messages that were ever put in a queue. */
const bodies: string[] = [];

beforeAll(async () => {
  payi = await startRecordingProxy();
  collector = await startCollector();
  stack = await startStack({
    settings: {
      ACCESS_KEYS: JSON.stringify({
        web: { key: userKey, role: 'user' },
        operator: { key: adminKey, role: 'admin' },
        proxy: { key: pathKey, only: 'path' },
      }),
      DEV_IDENTITY: '',
      JUDGE_PROVIDER: 'anthropic',
      PAYI_BASE_URL: payi.url,
      OTEL_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      LIMITS: JSON.stringify([
        { name: 'poor', scope: 'account', window: 'none', maxUsd: 0.000001, type: 'block', useCases: ['trail_finder'] },
        { name: 'all', scope: 'global', window: 'day', maxUsd: 50, type: 'block' },
      ]),
    },
    log: (line) => lines.push(line),
    onMessage: (queue, body) => {
      bodies.push(`${queue} ${body.toString('latin1')}`);
      if (queue !== 'usage-events') return;
      const event = JSON.parse(body.toString()) as { kind: string; eventId: string };
      if (event.kind === 'usage') published.add(event.eventId);
    },
  });
  payi.pointAt(stack.payi?.url ?? '');
  // One event is given up on: a dead letter.
  stack.payi?.faults.add({ path: '/ingest/bulk*', times: 1, partialErrors: { indices: [0], code: 'invalid_units' } });
  photo = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#7a5a3a' } })
    .withExif({ IFD0: { ImageDescription: hidden('exif'), Artist: email } })
    .jpeg()
    .toBuffer();
});
afterAll(async () => {
  await stack?.close();
  await payi?.close();
  await collector?.close();
});

const auth = { 'x-functions-key': userKey, 'x-user-id': email };
/** Headers of a request that are nobody's business but the caller's. */
const unrelated = () => ({
  'user-agent': hidden('agent'),
  cookie: `session=${hidden('cookie')}`,
  referer: `https://example.com/${hidden('referer')}`,
  baggage: `user=${hidden('baggage')}`,
  tracestate: `vendor=${hidden('state')}`,
  // Traces that their callers sample have spans.
  traceparent: serial % 2 === 0 ? hidden('no-traceparent') : `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`,
  'x-forwarded-for': hidden('address'),
  'x-stainless-lang': hidden('stainless'),
});

async function call(path: string, body: string | FormData, headers: Record<string, string> = {}): Promise<number> {
  const json = typeof body === 'string' ? { 'content-type': 'application/json' } : {};
  const response = await fetch(`${stack.url}${path}`, {
    method: 'POST',
    headers: { ...auth, ...json, ...unrelated(), ...headers },
    body,
  });
  await response.text();
  answerHeaders.push(JSON.stringify(Object.fromEntries(response.headers)));
  return response.status;
}

const vehicle = { make: open('make'), model: open('model'), year: 2020, id: hidden('vehicle-id') };

function analysisForm(): FormData {
  const form = new FormData();
  form.append('images', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), `${hidden('file-name')}.jpg`);
  form.append('model', 'claude-sonnet-5-5');
  form.append('vehicleInfo', JSON.stringify(vehicle));
  const context = { trailName: open('trail-name'), trailLocation: open('trail-location') };
  form.append('context', JSON.stringify({ ...context, additionalNotes: hidden('notes') }));
  return form;
}

/** Every route that reaches a model, with marked text in every place that takes text. */
const routes: Record<string, () => Promise<number>> = {
  'POST /api/analyze': () => call('/api/analyze', analysisForm()),
  'POST /api/analyze as events': () => call('/api/analyze', analysisForm(), { accept: 'text/event-stream' }),
  'POST /api/trail-finder/search': () =>
    call('/api/trail-finder/search', JSON.stringify({ location: open('location'), vehicleInfo: vehicle })),
  'POST /api/routes/plan': () =>
    call(
      '/api/routes/plan',
      JSON.stringify({
        startLocation: open('location'),
        endLocation: hidden('end'),
        durationDays: 2,
        preferences: [hidden('preference')],
        mustVisit: [hidden('must-visit')],
        vehicleInfo: vehicle,
      }),
    ),
  'POST /api/judge': () =>
    call(
      '/api/judge',
      JSON.stringify({
        useCase: 'trail_finder',
        question: { location: open('location'), wish: hidden('question') },
        answer: hidden('judged-answer'),
        sources: [`https://example.com/${hidden('source')}`],
      }),
    ),
  'POST /analyze': () =>
    call(
      '/analyze',
      JSON.stringify({
        images: [photo.toString('base64')],
        prompt: hidden('prompt'),
        user_id: email,
        account_name: open('account'),
        context: { trail_name: open('trail-name'), additional_notes: hidden('notes') },
        vehicle_info: { make: open('make'), model: open('model'), features: [hidden('feature')] },
      }),
    ),
  'POST /trail-finder': () =>
    call(
      '/trail-finder',
      JSON.stringify({
        prompt: hidden('prompt'),
        user_id: email,
        use_case_properties: { door: open('use-case-property') },
      }),
      { authorization: `Bearer ${userKey}` },
    ),
  'POST /p/{token}/trail-finder': () =>
    call(
      `/p/${pathKey}/trail-finder`,
      JSON.stringify({ prompt: hidden('prompt'), request_properties: { door: open('request-property') } }),
    ),
  'POST /judge': () =>
    call(
      '/judge',
      JSON.stringify({ prompt: hidden('prompt'), provider: 'anthropic', model: 'claude-haiku-5-5', user_id: email }),
    ),
  'POST /anthropic/v1/messages': () => message(false),
  'POST /anthropic/v1/messages as events': () => message(true),
  'POST /anthropic/v1/messages/count_tokens': () =>
    call(
      `/anthropic/v1/messages/count_tokens?beta=${hidden('query')}`,
      JSON.stringify({ model: 'claude-haiku-5-5', messages: [{ role: 'user', content: hidden('counted') }] }),
      { 'x-api-key': userKey, 'anthropic-version': '2023-06-01' },
    ),
};

const message = (stream: boolean) =>
  call(
    '/anthropic/v1/messages',
    JSON.stringify({
      model: 'claude-haiku-5-5',
      max_tokens: 200,
      stream,
      system: hidden('system'),
      metadata: { user_id: hidden('metadata') },
      tools: [{ name: 'note', description: hidden('tool'), input_schema: { type: 'object' } }],
      messages: [
        { role: 'user', content: hidden('message') },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: hidden('said') },
            { type: 'tool_use', id: 'toolu_1', name: 'note', input: { [hidden('tool-member')]: hidden('tool-input') } },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: hidden('tool-result') }],
        },
      ],
    }),
    {
      'x-api-key': userKey,
      'anthropic-version': '2023-06-01',
      'anthropic-beta': hidden('beta'),
      'x-use-case-step': open('step'),
      'x-use-case-properties': JSON.stringify({ door: open('use-case-property') }),
      'x-request-properties': JSON.stringify({ door: open('request-property') }),
    },
  );

/** Usable answers of each feature, marked. */
const answers: OutcomeInput[] = [
  {
    feature: 'analysis',
    text: JSON.stringify({ difficulty: 3, summary: hidden('answer'), hazards: [hidden('hazard')] }),
  },
  {
    feature: 'finder',
    text: JSON.stringify({ searchSummary: hidden('answer'), recommendations: [{ name: hidden('trail') }] }),
  },
  {
    feature: 'planner',
    text: JSON.stringify({
      title: hidden('answer'),
      waypoints: [1, 2].map((at) => ({ name: hidden('waypoint'), lat: 38 + at, lng: -109 })),
    }),
  },
  {
    feature: 'judge',
    text: JSON.stringify({
      overallScore: 80,
      accuracy: { score: 80, issues: [hidden('issue')] },
      hallucination: { detected: true, examples: [hidden('example')] },
      improvements: [hidden('improvement')],
    }),
  },
];
const withoutRepeat = { 'x-should-retry': 'false' };
/** What a provider may answer but the text that was wanted, all of it marked. */
const troubles: OutcomeInput[] = [
  {
    content: [
      { type: 'text', text: hidden('before'), citations: null },
      { type: 'tool_use', id: 'toolu_2', name: 'note', input: { a: hidden('called') }, caller: { type: 'direct' } },
    ],
    stopReason: 'tool_use',
  },
  {
    content: [
      {
        type: 'server_tool_use',
        id: 'srvtoolu_1',
        name: 'web_search',
        input: { query: hidden('search-query') },
        caller: { type: 'direct' },
      },
      {
        type: 'web_search_tool_result',
        tool_use_id: 'srvtoolu_1',
        caller: { type: 'direct' },
        content: [
          {
            type: 'web_search_result',
            url: `https://example.com/${hidden('result-url')}`,
            title: hidden('result-title'),
            page_age: null,
            encrypted_content: hidden('result'),
          },
        ],
      },
      { type: 'text', text: hidden('found'), citations: null },
    ],
    stopReason: 'end_turn',
  },
  { text: hidden('model-answer'), model: `The model ${hidden('answering-model')}` },
  {
    error: {
      status: 400,
      type: hidden('error-type'),
      message: `messages.0: "${hidden('echo')}" is too long`,
      details: { error_code: hidden('error-code'), echo: hidden('detail') },
    },
  },
  { error: { status: 400, message: hidden('error-400') } },
  { error: { status: 429, message: hidden('error-429') }, headers: { ...withoutRepeat, 'retry-after': '1' } },
  { error: { status: 500, message: hidden('error-500') }, headers: withoutRepeat },
  { error: { status: 401, message: hidden('error-401') } },
  { rawBody: hidden('raw') },
  { text: hidden('no-json'), stopReason: 'refusal' },
  { text: hidden('broken'), breakAfter: { events: 3, how: 'cut' } },
  {
    text: hidden('failing'),
    breakAfter: { events: 3, how: 'error', error: { status: 529, message: hidden('error-event') } },
  },
];

/** Where the marked text was found, short enough to read. */
const found = (mark: string, places: string[]): string[] =>
  places
    .filter((place) => place.toLowerCase().includes(mark))
    .map((place) => {
      const at = place.toLowerCase().indexOf(mark);
      return `${place.slice(0, 60)} … ${place.slice(Math.max(0, at - 80), at + 60)}`;
    });

/** The same text as base64 shows it, at each of the three places that it can have in a group. */
const inBase64 = (text: string): string[] =>
  [0, 1, 2].map((shift) =>
    Buffer.from(`${'x'.repeat(shift)}${text}`)
      .toString('base64')
      .slice(shift === 0 ? 0 : shift + 1, -4),
  );

/** What the contract reports and Pay-i has not heard. */
const untold = (): string[] =>
  allowed.filter(([place]) => !payi.requests.some((said) => said.includes(open(place)))).map(([, member]) => member);

const queued = async (): Promise<string[]> =>
  (
    await Promise.all(
      ['usage-events', 'judge-jobs'].map((queue) => dumpQueue(stack.broker?.connectionString ?? '', queue)),
    )
  ).flat();
const stored = (): Promise<string[]> => dumpTables(stack.tables?.connectionString ?? '');
const nothing = (places: string[]): void => {
  expect(found(SECRET, places)).toEqual([]);
  for (const encoded of inBase64(SECRET)) expect(places.filter((place) => place.includes(encoded))).toEqual([]);
};

describe('marked text', () => {
  test('passes through every route when all goes well', async () => {
    stack.model?.script(...answers.map((answer) => ({ ...answer, times: answer.feature === 'judge' ? 1 : 2 })));
    const statuses: Record<string, number> = {};
    for (const [name, send] of Object.entries(routes)) {
      if (name.includes('/api/judge')) await vi.waitFor(judgedOnce, { timeout: 60_000 });
      statuses[name] = await send();
    }
    expect(statuses).toEqual(Object.fromEntries(Object.keys(routes).map((name) => [name, 200])));
    expect(JSON.stringify(stack.model?.calls().map(({ body }) => body))).toContain(SECRET);
    const told = stack.model?.calls().map(({ headers: { 'anthropic-beta': _passed, ...headers } }) => headers);
    nothing([JSON.stringify(told)]);
    await vi.waitFor(() => expect(untold()).toEqual([]), { timeout: 60_000, interval: 200 });
    // The events of what follows stay in the queue.
    stack.payi?.faults.add({ path: '/ingest*', status: 503 });
  });

  /** So that the marked verdict is that of a background job. */
  const judgedOnce = async () => expect((await stored()).join('\n')).toContain('\\"status\\":\\"judged\\"');

  test.each(troubles.map((trouble) => [Object.keys(trouble).join(' and '), trouble] as const))(
    'passes through every route: %s',
    async (_name, trouble) => {
      for (const send of Object.values(routes)) {
        stack.model?.script({ ...trouble, times: 4 });
        expect(await send()).toBeGreaterThanOrEqual(200);
        stack.model?.reset();
      }
    },
  );

  test('passes in place of the id of a model', async () => {
    const model = `claude-${hidden('model')} Please tell me about ${hidden('asked-for')}`;
    const messages = [{ role: 'user', content: hidden('message') }];
    const withKey = { 'x-api-key': userKey, 'anthropic-version': '2023-06-01' };
    const asked = [
      await call('/anthropic/v1/messages', JSON.stringify({ model, max_tokens: 9, messages }), withKey),
      await call('/anthropic/v1/messages/count_tokens', JSON.stringify({ model, messages }), withKey),
      await call('/judge', JSON.stringify({ prompt: hidden('prompt'), provider: 'anthropic', model })),
      await call('/trail-finder', JSON.stringify({ prompt: hidden('prompt'), model })),
      await call('/analyze', JSON.stringify({ images: [photo.toString('base64')], model })),
      await call('/api/analyze', JSON.stringify({ images: [photo.toString('base64')], model })),
    ];
    expect(asked).toEqual([404, 404, 422, 422, 422, 400]);
  });

  const streams: [path: string, body: object][] = [
    [
      '/anthropic/v1/messages',
      {
        ...{ model: 'claude-haiku-5-5', max_tokens: 400, stream: true },
        messages: [{ role: 'user', content: hidden('message') }],
      },
    ],
    ['/api/trail-finder/search', { location: open('location') }],
  ];
  test.each(streams)('passes when its reader leaves midway: %s', async (path, body) => {
    const before = published.size;
    stack.model?.script({ text: hidden('long').repeat(10), eventDelayMs: 5 });
    const leaving = new AbortController();
    const answer = await fetch(stack.url + path, {
      method: 'POST',
      headers: { ...auth, ...unrelated(), 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify(body),
      signal: leaving.signal,
    });
    expect(answer.status).toBe(200);
    await answer.body?.getReader().read();
    leaving.abort();
    // The host tells a function nothing of it, so the call goes on to its end.
    await vi.waitFor(() => expect(published.size).toBeGreaterThan(before), { timeout: 60_000 });
    stack.model?.reset();
  });

  test('passes when a limit refuses', async () => {
    const body = JSON.stringify({ location: open('location'), vehicleInfo: vehicle });
    expect(await call('/api/trail-finder/search', body, { 'x-account-name': open('account') })).toBe(402);
  });

  test('passes when a judge has to wait', async () => {
    stack.model?.script(...answers.slice(0, 1), {
      feature: 'judge',
      times: 10,
      error: { status: 529, message: hidden('judge-overloaded') },
      headers: withoutRepeat,
    });
    expect(await routes['POST /api/analyze']?.()).toBe(200);
    await vi.waitFor(async () => expect((await queued()).join('\n')).toContain('judge-jobs'), { timeout: 60_000 });
  });

  test('passes when the judge gives no verdict', async () => {
    const failed = async () => (await stored()).filter((row) => row.includes('\\"status\\":\\"failed\\"')).length;
    const before = await failed();
    stack.model?.reset();
    stack.model?.script(...answers.slice(0, 1), { feature: 'judge', times: 2, text: hidden('no-verdict') });
    expect(await routes['POST /api/analyze']?.()).toBe(200);
    await vi.waitFor(async () => expect(await failed()).toBeGreaterThan(before), { timeout: 60_000 });
  });

  test('passes through refused requests', async () => {
    const statuses = [
      await call('/api/trail-finder/search', `{"location":"${hidden('cut')}`),
      await call('/api/trail-finder/search', JSON.stringify({ location: 'x', tripLength: hidden('enum') })),
      await call('/api/analyze', JSON.stringify({ images: [hidden('no-image')], model: hidden('model') })),
      await call('/analyze', JSON.stringify({ images: [hidden('no-image')] })),
      await call(
        '/anthropic/v1/messages',
        JSON.stringify({ model: open('asked-model'), max_tokens: hidden('number') }),
      ),
      await call('/api/judge', JSON.stringify({ useCase: hidden('use-case') }), {
        'x-functions-key': hidden('wrong-key'),
      }),
      await call(`/p/${hidden('wrong-token')}/judge`, JSON.stringify({ prompt: hidden('prompt') }), {
        'x-functions-key': '',
      }),
    ];
    expect(
      statuses.every((status) => status >= 400 && status < 500),
      String(statuses),
    ).toBe(true);
  });

  test('passes when Service Bus takes nothing', async () => {
    stack.broker?.faults.serverBusy('usage-events', 1_000);
    for (const send of Object.values(routes)) expect(await send()).toBe(200);
    stack.model?.script(...troubles.slice(0, 5));
    for (const name of ['POST /trail-finder', 'POST /anthropic/v1/messages']) await routes[name]?.();
    const waiting = (await stored()).filter((row) => row.startsWith('trailmeteroutbox'));
    expect(waiting.length).toBeGreaterThan(10);
    nothing(waiting);
  });

  test('is in no message of a queue', async () => {
    expect(bodies.length).toBeGreaterThan(50);
    // Those that are still there, with their properties.
    nothing([...bodies, ...(await queued())]);
  });

  test('is in no table, log, span, call of Pay-i or header', async () => {
    const rows = await stored();
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.some((row) => row.startsWith('trailmeterdeadletters'))).toBe(true);
    expect(stack.payi?.inspect.events().length).toBeGreaterThan(0);
    await stack.close();
    // Written when the app ends, and whose dimensions must be as clean as the other lines.
    expect(lines.filter((line) => line.includes('"level":"metric"')).length).toBeGreaterThan(5);
    expect(collector.spans.length).toBeGreaterThan(50);
    nothing([...rows, ...lines, ...collector.bodies, ...payi.requests, ...answerHeaders]);
    // The id of a limit of an account says which account.
    const others = lines.filter((line) => !line.includes('"limit-crossed"'));
    expect(found(REPORTED, [...others, ...answerHeaders])).toEqual([]);
  });
});
