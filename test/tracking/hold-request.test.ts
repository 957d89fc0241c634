import { describe, expect, test } from 'vitest';
import { messagesDialect } from '../../shared/model/dialect.ts';
import { readMessagesShape } from '../../shared/model/request/request-shape.ts';
import type { Attempt, TrackedCall } from '../../shared/tracking/call.ts';
import type { TrackContext } from '../../shared/tracking/context.ts';
import { boundAmounts, certainAmounts, turnAmounts } from '../../shared/tracking/holds/call-amounts.ts';
import { holdRequestOf, limitedModels } from '../../shared/tracking/holds/hold-request.ts';
import { recording } from '../support/recording.ts';

const atMs = Date.UTC(2026, 10, 23);
const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };
const ask = (more: object = {}, betas?: string) =>
  readMessagesShape(
    {
      model: 'claude-sonnet-5-5-20260901',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Moab '.repeat(500) }],
      ...more,
    },
    betas,
  );

interface Given {
  shape?: TrackedCall['shape'];
  context?: Partial<TrackContext>;
  version?: number;
  countTokens?: Attempt['countTokens'];
}

function request({ shape = ask(), context, version, countTokens }: Given = {}, { telemetry } = recording()) {
  const useCase = { name: 'trail_finder', id: 'run-1', ...(version !== undefined && { version }) };
  const call = { shape, context: context as TrackContext | undefined, useCase } as TrackedCall;
  const attempt = { dialect: messagesDialect(), ...(countTokens && { countTokens }) };
  return holdRequestOf(call, attempt, 'event-1', atMs, telemetry);
}

describe('what the gate is asked for', () => {
  test('is the bound from the bytes, and whom it counts for', () => {
    const { explain, ...asked } = request();
    expect(asked).toEqual({
      ...{ useCaseName: 'trail_finder', useCaseId: 'run-1', occurredAtMs: atMs, eventId: 'event-1' },
      ...{ category: 'system.anthropic', resource: 'claude-sonnet-5-5', models: ['claude-sonnet-5-5'] },
      bound: boundAmounts(ask(), atMs),
    });
  });

  test('has the names of the context that there are', () => {
    const context = {
      ...{ userId: 'sam', accountName: 'utah', key: { name: 'web' } },
      ...{ useCaseProperties: { a: '1', b: '2' }, requestProperties: { b: '3' } },
    } as unknown as TrackContext;
    expect(request({ context, version: 4 })).toMatchObject({
      ...{ userId: 'sam', accountName: 'utah', keyName: 'web', version: 4, properties: { a: '1', b: '3' } },
    });
    const bare = request({ context: { useCaseProperties: {}, requestProperties: {} } });
    expect(['userId', 'accountName', 'keyName', 'version'].filter((name) => name in bare)).toEqual([]);
    expect(bare.properties).toEqual({});
    expect(request()).not.toHaveProperty('properties');
  });

  test('counts on the limits of every model that may answer, each once by its name in the price list', () => {
    const shape = ask({ fallbacks: [{ model: 'claude-opus-5-5' }, { model: 'claude-sonnet-5-5' }, { model: 'x-1' }] });
    expect(request({ shape }).models).toEqual(['claude-sonnet-5-5', 'claude-opus-5-5', 'other']);
    expect(limitedModels(['unheard', 'unheard-too'])).toEqual(['other']);
  });

  test('names what has no rule, and learns nothing of it', () => {
    const shape = ask({ tools: [search], spare: 1 });
    const asked = request({ shape, countTokens: async () => 7 });
    expect(asked.unboundedBy).toBe('spare');
    expect([asked.serverTools, asked.exactBound]).toEqual([undefined, undefined]);
    expect(request()).not.toHaveProperty('unboundedBy');
  });
});

describe('the exact bound', () => {
  test('is that of the count of the provider', async () => {
    const asked = request({ countTokens: async () => 70 });
    expect(await asked.exactBound?.()).toEqual(boundAmounts(ask(), atMs, 70));
    expect(asked.serverTools).toBeUndefined();
  });

  test('is the cheap one where the provider does not count, and the log says so', async () => {
    const record = recording();
    const asked = request({ countTokens: () => Promise.reject(new Error('overloaded')) }, record);
    expect(await asked.exactBound?.()).toEqual(boundAmounts(ask(), atMs));
    expect(record.lines).toMatchObject([{ level: 'warn', event: 'token-count-failed' }]);
  });

  test.each<[string, Given]>([
    ['the client cannot count', {}],
    ['a count does not see all of the prompt', { shape: ask({ container: 'c' }), countTokens: async () => 7 }],
    ['server tools add to the prompt', { shape: ask({ tools: [search] }), countTokens: async () => 7 }],
  ])('is not asked for where %s', (_, given) => {
    expect(request(given).exactBound).toBeUndefined();
  });

  test('explains a refusal by the count, once there is one', async () => {
    const asked = request({ countTokens: async () => 70 });
    const parts = () => asked.explain?.('usd', 0n, undefined).parts ?? [];
    const before = parts().map(({ amount }) => amount);
    await asked.exactBound?.();
    const after = parts().map(({ amount }) => amount);
    const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
    expect(sum(after)).toBeLessThan(sum(before));
  });
});

describe('server tools', () => {
  const shape = ask({ tools: [search] });

  test('have what is certain and one usual turn', async () => {
    const { serverTools } = request({ shape });
    expect(serverTools).toEqual({
      kind: 'claude-sonnet-5-5:web_search',
      certain: certainAmounts(shape, atMs),
      turn: turnAmounts(shape, atMs, 25_000),
      isStream: false,
    });
    expect(request({ shape: ask({ tools: [search], stream: true }) }).serverTools?.isStream).toBe(true);
  });

  test('have what is certain by the count of the provider', async () => {
    const counted = request({ shape, countTokens: async () => 70 }).serverTools;
    expect(await counted?.exactCertain?.()).toEqual(certainAmounts(shape, atMs, 70));
    const failing = request({ shape, countTokens: () => Promise.reject(new Error('x')) }).serverTools;
    expect(await failing?.exactCertain?.()).toEqual(certainAmounts(shape, atMs));
  });

  test('of which nothing can be learned are held at the window of each turn', () => {
    const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-5' };
    const asked = request({ shape: ask({ tools: [search, advisor] }), countTokens: async () => 7 });
    expect([asked.serverTools, asked.exactBound]).toEqual([undefined, undefined]);
  });
});
