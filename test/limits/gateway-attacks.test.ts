import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { passMessageRoute } from '../../shared/api/gateways/anthropic.ts';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import { anthropicFailure } from '../../shared/gateways/anthropic/errors.ts';
import { createFileOwners } from '../../shared/gateways/anthropic/files/file-owners.ts';
import { passMessage } from '../../shared/gateways/anthropic/messages.ts';
import { gateway } from '../../shared/gateways/gateway.ts';
import { createRequestReader } from '../../shared/gateways/reading/request-reader.ts';
import { createRequestMemory } from '../../shared/http/memory/request-memory.ts';
import { createLimits, type LimitService } from '../../shared/limits/limit-service.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { createMeter } from '../../shared/tracking/meter.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { GATEWAY_KEY, gatewaySettings, serve } from '../gateways/serve.ts';
import { noKeys } from '../support/keys.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { noRates } from '../support/no-rates.ts';
import { policy, quiet, stateOf } from './helpers.ts';

/** Callers of the Anthropic gateway who try to spend more than a block limit of 1 USD. */
const MODEL = 'claude-sonnet-5-5';
const webSearch = (max_uses = 1) => ({ type: 'web_search_20250305' as const, name: 'web_search' as const, max_uses });
const messages = [{ role: 'user' as const, content: 'Find trails near Moab' }];
const cheap = { model: MODEL, max_tokens: 100, messages, tools: [webSearch(10)] };

let standIn: ModelStandIn;
let events: UsageEvent[];
let close: () => Promise<void>;
let client: Anthropic;
let tables: MemoryTables;

beforeEach(async () => {
  standIn = await startModel({ apiKey: 'provider-secret' });
});
afterEach(async () => {
  await close();
  await standIn.close();
});

async function open(facts: Partial<Policy> = {}): Promise<LimitService> {
  events = [];
  tables = new MemoryTables();
  const publisher = {
    publish: async (event: UsageEvent | object) => {
      events.push(event as UsageEvent);
      return 'queued' as const;
    },
    close: async () => undefined,
  };
  const limits = createLimits({
    tables,
    policies: [policy({ name: 'cap', window: 'none', maxUsd: 1, ...facts })],
    payi: createPayiClient({ baseUrl: 'http://127.0.0.1:9', apiKey: 'none', timeoutMs: 1_000 }).limits,
    publisher,
    clock: systemClock,
    telemetry: quiet,
  });
  const settings = gatewaySettings({ ANTHROPIC_BASE_URL: standIn.url });
  const requestReader = createRequestReader();
  const services = () => ({
    settings,
    telemetry: quiet,
    meter: createMeter({ gate: limits.gate, publisher, clock: systemClock, telemetry: quiet }),
    memory: createRequestMemory(settings, systemClock),
    requestReader,
    fileOwners: createFileOwners(new MemoryTables()),
    keys: noKeys,
    rateLimits: noRates,
  });
  const handler = gateway({ services, route: passMessageRoute, failure: anthropicFailure }, passMessage);
  const server = await serve([{ method: 'POST', path: /^\/anthropic\/v1\/messages$/, handler }]);
  client = new Anthropic({ apiKey: GATEWAY_KEY, baseURL: `${server.url}/anthropic`, maxRetries: 0, logLevel: 'off' });
  close = async () => {
    await server.close();
    await limits.close();
  };
  return limits;
}

const spentUsd = () => events.reduce((sum, { estimatedCost }) => sum + (estimatedCost ?? Number.NaN), 0) / 1e9;
const settledUsd = () => Number(stateOf(tables, 'cap:always').settledNano) / 1e9;

/** Streams a call to its end. The error where it had one. */
const streamed = (params: Anthropic.MessageCreateParamsNonStreaming, useCase = 'any') =>
  client.messages
    .stream(params, { headers: { 'x-use-case-name': useCase } })
    .finalMessage()
    .then(
      () => undefined,
      (error: unknown) => error as InstanceType<typeof Anthropic.APIError>,
    );

const refusedBeforehand = { status: 402 };

describe('output that is asked for', () => {
  test.each([
    ['without tools', {}],
    ['with a web search', { tools: [webSearch()] }],
  ])('128,000 tokens %s have no room, streamed or not', async (_, more) => {
    await open();
    const params = { model: 'claude-opus-5-5', max_tokens: 128_000, messages, ...more };
    expect(await streamed(params)).toMatchObject(refusedBeforehand);
    await expect(client.messages.create(params, { timeout: 60_000 })).rejects.toMatchObject(refusedBeforehand);
    expect(standIn.calls().filter(({ path }) => path === '/v1/messages')).toEqual([]);
  });

  test('nor after cheap calls in a use case of the caller’s own', async () => {
    await open({ maxUsd: 2.5 });
    standIn.script({ searches: 0, times: 25 });
    for (let turn = 0; turn < 25; turn++) expect(await streamed(cheap, 'my-own')).toBeUndefined();
    const params = { model: MODEL, max_tokens: 250_000, messages, tools: [webSearch()] };
    const errors = await Promise.all(Array.from({ length: 40 }, () => streamed(params, 'my-own')));
    for (const error of errors) expect(error).toMatchObject(refusedBeforehand);
  });
});

describe('input that a bound must not miss', () => {
  const long = 'a '.repeat(500_000);
  const inMessage = (definition: object) => ({
    messages: [
      { role: 'system', content: [{ type: 'tool_addition', tool: { type: 'tool_definition', definition } }] },
      ...messages,
    ],
  });
  const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-5-5' };
  const image = { type: 'image', source: { data: long } };
  const tool = { name: 'own', input_schema: { type: 'object' }, input_examples: [image] };
  const format = { type: 'json_schema', schema: { type: 'object', description: long } };

  const send = (more: object, beta: string) =>
    client.messages.create(
      { model: 'claude-opus-5-5', max_tokens: 10, messages, ...more },
      { headers: beta === '' ? {} : { 'anthropic-beta': beta } },
    );

  test.each<[string, object, string]>([
    ['a search that a message defines', inMessage(webSearch()), 'inline-tools-2026-09-15'],
    ['an advisor that a message defines', inMessage(advisor), 'inline-tools-2026-09-15'],
    ['a schema in output_format', { output_format: format }, ''],
    ['a schema in output_config', { output_config: { format } }, ''],
    ['an image in input_examples', { tools: [tool] }, ''],
  ])('%s: 402, nothing is sent', async (_, more, beta) => {
    await open({ bound: 'sound' });
    await expect(send(more, beta)).rejects.toMatchObject(refusedBeforehand);
    expect(standIn.calls().filter(({ path }) => path === '/v1/messages')).toEqual([]);
  });

  test.each([
    ['a member without a rule', { spare_tools: [webSearch()] }, '', 'spare_tools'],
    ['a beta without a rule', {}, 'spare-tools-2027-01-01', 'anthropic-beta spare-tools-2027-01-01'],
  ])('%s: 400 with its name, nothing is sent', async (_, more, beta, name) => {
    await open({ bound: 'sound' });
    await expect(send(more, beta)).rejects.toMatchObject({ status: 400, message: expect.stringContaining(name) });
    expect(standIn.calls()).toEqual([]);
  });
});

test('a search that is not streamed is held at the context window of each turn', async () => {
  await open();
  await expect(client.messages.create(cheap)).rejects.toMatchObject(refusedBeforehand);
  await close();
  await open({ bound: 'learned_unstreamed' });
  await expect(client.messages.create(cheap)).resolves.toMatchObject({ type: 'message' });
});

describe('searches that cost more than those before', () => {
  const attack = {
    ...cheap,
    max_tokens: 2_000,
    messages: [{ role: 'user' as const, content: `Moab ${'trail '.repeat(3_000)}` }],
  };
  /** The dearest turn of a search in the stand-in: prompt and results, at 2 USD a million, estimated upward. */
  const turnUsd = 0.15;

  test('40 streams at once end where the limit does', async () => {
    const limits = await open();
    standIn.script({ searches: 0, times: 25 });
    for (let turn = 0; turn < 25; turn++) expect(await streamed(cheap)).toBeUndefined();
    standIn.script({ searches: 10, eventDelayMs: 5, times: 40 });
    const errors = await Promise.all(Array.from({ length: 40 }, () => streamed(attack)));
    const midway = errors.filter((error) => error !== undefined && error.status === undefined);
    expect(midway.length).toBeGreaterThan(0);
    for (const error of midway)
      expect(error?.error).toMatchObject({
        type: 'error',
        error: { type: 'billing_error', details: { error_code: 'limit_reached' } },
      });
    await limits.close();
    expect(settledUsd()).toBeCloseTo(spentUsd(), 9);
    expect(settledUsd()).toBeLessThanOrEqual(1 + turnUsd);
    expect(events.filter(({ outcome }) => outcome === 'aborted')).toHaveLength(midway.length);
    for (const event of events) expect(event.unitsEstimated).toBe(event.outcome === 'aborted');
  });

  test('in shadow they go on, and the limit reports them', async () => {
    const limits = await open({ shadow: true, maxUsd: 0.3 });
    standIn.script({ searches: 10, eventDelayMs: 5 });
    expect(await streamed(attack)).toBeUndefined();
    await limits.close();
    expect(settledUsd()).toBeGreaterThan(0.3);
  });
});
