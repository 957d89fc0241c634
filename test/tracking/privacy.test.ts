import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { createAnthropic } from '../../shared/model/clients/anthropic.ts';
import { asModelId } from '../../shared/model/model-id.ts';
import { trackContext } from '../../shared/tracking/context.ts';
import { tracked } from '../../shared/tracking/tracked.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { recording, until } from '../support/recording.ts';

const CANARY = 'canary-7f3a-in-the-mine';
let model: ModelStandIn;
beforeAll(async () => {
  model = await startModel();
});
afterAll(() => model.close());

const outcomes = [
  { text: CANARY },
  { text: CANARY, model: `The model ${CANARY}` },
  { content: [{ type: 'tool_use', id: 't', name: 'n', input: { canary: CANARY } }], stopReason: 'tool_use' as const },
  { error: { status: 400, type: CANARY, message: CANARY, details: { error_code: CANARY } } },
  { error: { status: 400, message: CANARY } },
  { error: { status: 500, message: CANARY }, headers: { 'x-should-retry': 'false' } },
  { text: CANARY, breakAfter: { events: 5, how: 'cut' as const } },
  { text: CANARY, breakAfter: { events: 5, how: 'error' as const, error: { status: 529, message: CANARY } } },
  { rawBody: CANARY },
];

test.each(outcomes.flatMap((outcome) => [true, false].map((stream) => ({ outcome, stream }))))(
  'no prompt, answer or error text leaves: $outcome, stream $stream',
  async ({ outcome, stream }) => {
    model.reset();
    model.script(outcome);
    const record = recording();
    const client = createAnthropic({
      apiKey: 'local',
      baseUrl: model.url,
      middleware: [tracked({ ...record, clock: systemClock })],
    });
    const params = {
      model: 'claude-haiku-5-5',
      max_tokens: 300,
      system: CANARY,
      messages: [{ role: 'user' as const, content: CANARY }],
    };
    await trackContext({ useCaseName: 'trail_finder' }, async () => {
      await (stream ? client.messages.stream(params).finalMessage() : client.messages.create(params));
    }).catch(() => undefined);
    expect(record.events.length).toBeGreaterThan(0);
    const told = [record.events, record.lines, record.holds, record.settlements];
    expect(JSON.stringify(told, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
      CANARY,
    );
  },
);

test.each(['abort', 'break'] as const)('nor when its reader leaves midway: %s', async (how) => {
  model.reset();
  model.script({ text: `${CANARY} `.repeat(50), eventDelayMs: 5 });
  const record = recording();
  const client = createAnthropic({
    apiKey: 'local',
    baseUrl: model.url,
    middleware: [tracked({ ...record, clock: systemClock })],
  });
  const stream = await client.messages.create({
    ...{ model: 'claude-haiku-5-5', max_tokens: 300, stream: true as const },
    messages: [{ role: 'user', content: CANARY }],
  });
  const reading = (async () => {
    for await (const event of stream) {
      if (event.type !== 'content_block_delta') continue;
      if (how === 'break') break;
      stream.controller.abort(new Error(CANARY));
    }
  })();
  await reading.catch((error: Error) => expect(error.message).toBe(CANARY));
  await until(() => record.settlements.length === 1);
  expect(record.events).toMatchObject([{ outcome: 'aborted' }]);
  expect(JSON.stringify([record.events, record.lines])).not.toContain(CANARY);
});

test.each([`Tell me about ${CANARY}`, `${CANARY}@example.com`, `${CANARY}\n`, CANARY.repeat(10), '', { text: CANARY }])(
  'nor in place of the id of a model: %j',
  async (asked) => {
    const record = recording();
    const client = createAnthropic({
      apiKey: 'local',
      baseUrl: model.url,
      middleware: [tracked({ ...record, clock: systemClock })],
    });
    const tool = { type: `web_search ${CANARY}`, name: 'web_search' };
    const call = client.messages.create({
      ...{ model: asked as string, max_tokens: 9, tools: [tool as never] },
      messages: [{ role: 'user', content: 'Hi' }],
    });
    await expect(call).rejects.toThrow();
    expect(record.events).toMatchObject([{ resource: 'unknown', requestedResource: 'unknown' }]);
    expect(record.holds).toMatchObject([{ resource: 'unknown' }]);
    const told = [record.events, record.lines, record.holds];
    expect(JSON.stringify(told, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
      CANARY,
    );
  },
);

test.each([
  'claude-sonnet-5-5',
  'claude-3-5-sonnet@20241022',
  'anthropic.claude-3-5-sonnet-20241022-v2:0',
  'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0',
  'models/gemini-2.0-flash',
  'ft:gpt-4o-2024-08-06:org:name:id',
  'my_deployment',
])('%s can be the id of a model', (id) => {
  expect(asModelId(id)).toBe(id);
});
