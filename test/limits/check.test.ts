import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CheckAnswer } from '../../shared/gateways/check-call.ts';
import { createLimits, type LimitService } from '../../shared/limits/limit-service.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import type { PayiClient } from '../../shared/payi/client.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { costing } from '../support/amounts.ts';
import { ADMIN_KEY, startTestApp, type TestApp } from '../support/app.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, policy, quiet, stateOf, usd } from './helpers.ts';

let app: TestApp;
let limits: LimitService;
let tables: MemoryTables;
beforeEach(() => {
  tables = new MemoryTables();
});
afterEach(async () => {
  await limits.close();
  await app.close();
});

async function start(policies: Policy[], settings: Record<string, string> = {}) {
  limits = createLimits({
    tables,
    policies,
    payi: { get: async () => undefined } as unknown as PayiClient['limits'],
    publisher: { publish: async () => 'queued', close: async () => undefined },
    clock: systemClock,
    telemetry: quiet,
  });
  app = await startTestApp({ ANTHROPIC_API_KEY: 'test', ...settings }, { limits });
  app.services.settings.ANTHROPIC_BASE_URL = app.model.url;
}

const own = (facts: Partial<Policy> = {}) => policy({ name: 'each', scope: 'user', ...facts });
const message = (more: object = {}) => ({
  model: 'claude-opus-4-8',
  max_tokens: 1_000,
  messages: [{ role: 'user', content: 'Hello' }],
  ...more,
});
async function check(json: object, init: { api?: string; headers?: Record<string, string> } = {}) {
  const url = `http://localhost/api/limits/check${init.api ? `?api=${init.api}` : ''}`;
  const response = await app.call('check-limits', {
    method: 'POST',
    url,
    json,
    ...(init.headers && { headers: init.headers }),
  });
  const body = (await response.json()) as { data: CheckAnswer; code?: string; details?: unknown };
  return { status: response.status, ...body };
}

describe('a call that would pass', () => {
  test('is bounded, by limit, and holds nothing', async () => {
    await start([own({ maxUsd: 5 }), policy({ name: 'all', maxUsd: 50 })]);
    const { status, data } = await check(message());
    expect(status).toBe(200);
    expect(data).toMatchObject({ passes: true, isCounted: false, refusal: null });
    expect(data.parts.map(({ member }) => member)).toContain('max_tokens');
    expect(data.limits).toMatchObject([
      { policy: 'all', passes: true, neededUsd: data.boundUsd },
      { policy: 'each', passes: true, neededUsd: data.boundUsd, leftUsd: 5 },
    ]);
    // What is left of a limit that users share is for admins.
    expect(data.limits[0]).not.toHaveProperty('leftUsd');
    const seen = await check(message(), { headers: { 'x-functions-key': ADMIN_KEY } });
    expect(seen.data.limits[0]).toMatchObject({ leftUsd: 50 });
    expect(tables.rows('limits')).toEqual([]);
    expect(app.model.calls()).toEqual([]);
  });

  test('passes a limit that only reports, whatever it says', async () => {
    await start([own({ maxUsd: 0.001, type: 'allow' }), own({ name: 'shadow', maxUsd: 0.001, shadow: true })]);
    const { data } = await check(message());
    expect(data).toMatchObject({ passes: true, limits: [{ passes: true, leftUsd: 0.001 }, { passes: true }] });
  });

  test('passes where limits are off', async () => {
    await start([own({ maxUsd: 0.001 })], { LIMITS_ENABLED: 'false' });
    const { data } = await check(message());
    expect(data).toMatchObject({ passes: true, limits: [] });
    expect(data.parts[0]?.member).toBe('max_tokens');
  });
});

describe('a call that would not pass', () => {
  test('says which limit, why, and what would make it fit', async () => {
    await start([own({ maxUsd: 5 })]);
    const { data } = await check(message({ container: 'container_1' }));
    expect(data).toMatchObject({
      passes: false,
      refusal: {
        code: 'limit_reached',
        status: 402,
        message: expect.stringContaining('It fits without container.'),
        details: { fits: [{ member: 'container', change: 'leave_out' }] },
      },
      parts: [{ member: 'container' }],
      limits: [{ policy: 'each', passes: false, leftUsd: 5 }],
    });
    expect(data.limits[0]).toMatchObject({ neededUsd: data.boundUsd });
  });

  test('counts what calls in flight hold, and what others have spent', async () => {
    await start([policy({ name: 'all', maxUsd: 5 })]);
    const hold = await limits.gate.hold(call(usd(4.99), { occurredAtMs: Date.now() }));
    expect((await check(message())).data).toMatchObject({ passes: false, refusal: { code: 'limit_reached' } });
    await hold.settle(costing(usd(0.1)), 'succeeded');
    expect((await check(message())).data.passes).toBe(true);
    expect(stateOf(tables, hold.limitIds[0]).level).toBe(0);
  });

  test('is not refused by its bytes where the count of the provider fits', async () => {
    await start([own({ maxUsd: 0.5 })]);
    const long = 'word '.repeat(16_000);
    const { data } = await check(message({ messages: [{ role: 'user', content: long }] }));
    expect(data).toMatchObject({ passes: true, isCounted: true });
    expect(app.model.calls().map(({ path }) => path)).toEqual(['/v1/messages/count_tokens']);
  });

  test('because nothing bounds it is refused as the gateway does', async () => {
    await start([own({ maxUsd: 500, bound: 'sound' })]);
    const { data } = await check(message({ spare: 1 }));
    expect(data).toMatchObject({ passes: false, refusal: { code: 'unbounded_request', details: { member: 'spare' } } });
  });
});

test('each API is read by its own rules', async () => {
  await start([own({ maxUsd: 5 })], { OPENAI_API_KEY: 'test' });
  const chat = { model: 'gpt-4o', messages: [{ role: 'user', content: 'x' }], max_completion_tokens: 16_000 };
  const chatted = (await check(chat, { api: 'chat_completions' })).data;
  expect(chatted.parts[0]).toMatchObject({ member: 'max_completion_tokens' });
  const response = { model: 'gpt-4o', input: 'x', max_output_tokens: 16_000 };
  expect((await check(response, { api: 'responses' })).data.parts[0]).toMatchObject({ member: 'max_output_tokens' });
  const embedded = (await check({ model: 'text-embedding-3-small', input: 'x'.repeat(200) }, { api: 'embeddings' }))
    .data;
  expect(embedded.parts.map(({ member }) => member)).toContain('input');
  expect(embedded.boundUsd).toBeLessThan(0.001);
});

test('a model is bounded at the provider that it goes to', async () => {
  const deployment = { model: 'trails', messages: [{ role: 'user', content: 'x' }], max_completion_tokens: 1_000 };
  await start([own({ maxUsd: 5 })], {
    AZURE_OPENAI_BASE_URL: 'https://name.openai.azure.com/openai/v1',
    AZURE_OPENAI_DEPLOYMENTS: '{"trails":"gpt-4.1-nano"}',
  });
  const { data } = await check(deployment, { api: 'chat_completions' });
  expect(data.boundUsd).toBeLessThan(0.001);
  expect(await check({ ...deployment, model: 'gpt-4.1' }, { api: 'chat_completions' })).toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
});

test('what the gateway refuses is refused', async () => {
  await start([own()]);
  expect(await check(message({ thread: { type: 'continue', previous_message_id: 'm' } }))).toMatchObject({
    status: 400,
  });
  expect(await check({ max_tokens: 5 })).toMatchObject({ status: 400 });
  expect(await check(message(), { api: 'batches' })).toMatchObject({ status: 400 });
  const headers = { 'x-use-case-version': 'zero' };
  expect(await check(message(), { headers })).toMatchObject({ status: 400 });
});

test('limits of a use case count for the one that the headers name', async () => {
  await start([policy({ name: 'guide', scope: 'use_case', maxUsd: 0.0001 })]);
  const { data } = await check(message(), { headers: { 'x-use-case-name': 'trail_guide' } });
  expect(data).toMatchObject({ passes: false, limits: [{ limitId: expect.stringMatching(/:trail_guide$/) }] });
});

describe('a call that a limit would make cheaper', () => {
  const line = (facts: Partial<Policy> = {}) => own({ name: 'line', type: 'fall_back', maxUsd: 0.002, ...facts });
  const claude = (facts: object = {}) => message({ model: 'claude-opus-5-5', ...facts });

  test('passes, and the form in which it would be made is said', async () => {
    await start([line()]);
    const { data } = await check(claude());
    expect(data).toMatchObject({
      passes: true,
      refusal: null,
      fallback: { policy: 'line', askedModel: 'claude-opus-5-5', model: 'claude-haiku-5-5' },
      limits: [{ policy: 'line', passes: false }],
    });
    expect((await check(claude({ model: 'claude-haiku-5-5' }))).data).toMatchObject({ passes: true, fallback: null });
  });

  test('does not where no form fits, its use case permits none, or a stricter limit has no room either', async () => {
    await start([line({ maxUsd: 0.0001 })]);
    expect((await check(claude())).data).toMatchObject({ passes: false, fallback: null });
    await limits.close();
    await app.close();
    await start([line(), policy({ name: 'hard', maxUsd: 0.002 })]);
    const { data } = await check(claude());
    expect(data).toMatchObject({
      passes: false,
      fallback: null,
      refusal: { details: { limitId: expect.stringMatching(/^hard:/) } },
    });
    const named = await check(claude(), { headers: { 'x-use-case-name': 'trail_planner' } });
    expect(named.data).toMatchObject({ passes: false, fallback: null });
  });
});
