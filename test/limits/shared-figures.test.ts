import { afterEach, describe, expect, test } from 'vitest';
import { startModel } from '../../infra/local/model/src/server.ts';
import { createLimits } from '../../shared/limits/limit-service.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { ADMIN_KEY, type CallInit, startTestApp, type TestApp } from '../support/app.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { policy, quiet } from './helpers.ts';

/** Of a limit that other users share a user sees whether it has room, never its figures: in every answer that has limits. */

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function appWith(policies: Policy[]): Promise<TestApp> {
  const limits = createLimits({
    tables: new MemoryTables(),
    policies,
    payi: createPayiClient({ baseUrl: 'http://127.0.0.1:9', apiKey: 'none', timeoutMs: 1_000 }).limits,
    publisher: { publish: async () => 'queued', close: async () => undefined },
    clock: systemClock,
    telemetry: quiet,
  });
  const provider = await startModel();
  const settings = { ANTHROPIC_BASE_URL: provider.url, ANTHROPIC_API_KEY: 'local' };
  const app = await startTestApp(settings, { limits, gate: limits.gate });
  closing.push(() => limits.close(), app.close, provider.close);
  return app;
}

/** A maximum that is found in any text. */
const MAX_USD = 0.000_765_432;
const only = (change: Partial<Policy>): Policy =>
  policy({ name: 'company', scope: 'global', maxUsd: MAX_USD, threshold: 0.75, ...change });
/** Reached by the first call, and only reports. */
const reporting = only({ type: 'allow' });
const refusing = only({ type: 'block' });

const message = {
  model: 'claude-sonnet-5-5',
  max_tokens: 300,
  messages: [{ role: 'user', content: 'Which tyres suit slickrock?' }],
};
const search: CallInit = { json: { location: 'Moab' } };
const streamed: CallInit = { ...search, headers: { accept: 'text/event-stream' } };
const pass = (body: object, headers: Record<string, string> = {}): CallInit => ({
  json: body,
  headers: { 'anthropic-version': '2023-06-01', ...headers },
});

const wholeOf = async (response: Awaited<ReturnType<TestApp['call']>>): Promise<string> =>
  `${JSON.stringify([...new Headers(response.headers)])}\n${await new Response(response.body as ConstructorParameters<typeof Response>[0]).text()}`;

const figures = /0\.00076|7654(32|33)|"?(max|spent|left)(Usd)?"?\s*:\s*\d/i;

describe('a limit that was passed and only reports', () => {
  const places: [string, string, CallInit][] = [
    ['the answer of a feature', 'search-trails', search],
    ['the stream of a feature', 'search-trails', streamed],
    ['an answer of the gateway', 'pass-message', pass(message)],
    [
      'the cost comment of a stream',
      'pass-message',
      pass({ ...message, stream: true }, { 'x-cost-in-stream': 'true' }),
    ],
    ['the check of a call', 'check-limits', pass(message)],
    ['the list of limits', 'list-limits', {}],
  ];
  test.each(places)('%s', async (_, name, init) => {
    const app = await appWith([reporting]);
    await app.call('search-trails', search).then(wholeOf);
    const method = name === 'list-limits' ? 'GET' : 'POST';
    const text = await wholeOf(await app.call(name, { method, ...init }));
    expect(text).toContain('company');
    expect(text).not.toMatch(figures);
  });

  test('the answer of a feature that failed after a paid call', async () => {
    const app = await appWith([reporting]);
    await app.call('search-trails', search).then(wholeOf);
    app.model.script({ text: 'nonsense', times: 5 });
    const text = await wholeOf(await app.call('search-trails', search));
    expect(text).toContain('"modelCalls"');
    expect(text).not.toMatch(figures);
  });

  test('an admin sees the figures', async () => {
    const app = await appWith([reporting]);
    await app.call('search-trails', search).then(wholeOf);
    const text = await wholeOf(
      await app.call('search-trails', { ...search, headers: { 'x-functions-key': ADMIN_KEY } }),
    );
    expect(text).toMatch(/"maxUsd":0\.000765432/);
  });
});

describe('a limit that refuses', () => {
  const places: [string, string, CallInit][] = [
    ['a feature', 'search-trails', search],
    ['the stream of a feature', 'search-trails', streamed],
    ['the gateway', 'pass-message', pass(message)],
    ['the check of a call', 'check-limits', pass(message)],
  ];
  test.each(places)('%s', async (_, name, init) => {
    const app = await appWith([refusing]);
    const text = await wholeOf(await app.call(name, init));
    expect(text).toContain('limit_reached');
    expect(text).not.toMatch(figures);
    expect(text).not.toContain('whole limit');
  });
});
