import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collect, expectedKpis, settledLimits, waitUntilIngested } from '../../infra/local/demo/facts.ts';
import { discrepancies } from '../../infra/local/demo/figures.ts';
import { sendAll } from '../../infra/local/demo/send.ts';
import { traffic } from '../../infra/local/demo/traffic.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';

const KEY = 'a-key-for-the-pipeline-test';

/** One run through every layer: HTTP, limits, the model, Service Bus, ingest, KPIs, the mirror of the limits. */
describe('the whole pipeline', () => {
  let stack: Stack;
  const adminKey = 'an-admin-key-for-the-test';
  const lines: string[] = [];

  beforeAll(async () => {
    stack = await startStack({
      settings: {
        ACCESS_KEYS: JSON.stringify({ web: { key: KEY, role: 'user' }, operator: { key: adminKey, role: 'admin' } }),
        DEV_IDENTITY: '',
        JUDGE_PROVIDER: 'anthropic',
        LIMITS: JSON.stringify([
          { name: 'daily-budget', scope: 'global', window: 'day', maxUsd: 50, type: 'block' },
          { name: 'user-daily', scope: 'user', window: 'day', maxUsd: 5, type: 'block', atPayi: true },
        ]),
      },
      log: (line) => lines.push(line),
    });
  }, 60_000);
  afterAll(() => stack?.close());

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${stack.url}${path}`, {
      method: 'POST',
      headers: { 'x-functions-key': KEY, 'x-user-id': 'sam', 'content-type': 'application/json', ...headers },
      body,
    });

  type Row = { user: string; useCase: string; requests: number; estimatedUsd: number };

  /** `user useCase requests nano-USD` of each group that the app reports. */
  const reportedUsage = async (): Promise<string[]> => {
    const url = `${stack.url}/api/usage?groupBy=user,useCase`;
    const answer = await fetch(url, { headers: { 'x-functions-key': adminKey } });
    const { data } = (await answer.json()) as { data: { rows: Row[] } };
    return data.rows.map((row) => [row.user, row.useCase, row.requests, Math.round(row.estimatedUsd * 1e9)].join(' '));
  };

  /** The same of the events that Pay-i has. */
  const countedUsage = (events: ReturnType<typeof collect>['events']): string[] => {
    const groups = new Map<string, { requests: number; cost: bigint }>();
    for (const { userId, useCaseName, costNanoUsd } of events) {
      const name = `${userId} ${useCaseName}`;
      const { requests, cost } = groups.get(name) ?? { requests: 0, cost: 0n };
      groups.set(name, { requests: requests + 1, cost: cost + costNanoUsd });
    }
    return [...groups].map(([name, { requests, cost }]) => `${name} ${requests} ${cost}`).sort();
  };

  test('answers, meters, ingests and scores every request exactly once', async () => {
    const requests = traffic.slice(0, 5);
    const signal = AbortSignal.timeout(100_000);
    const tally = await sendAll(stack.url, KEY, requests, { signal, onAnswer: () => undefined });
    expect(tally.failures, lines.join('\n')).toEqual([]);
    expect(tally.succeeded).toBe(5);
    const waiting = { signal, limitMs: 40_000, progress: () => undefined };
    await waitUntilIngested(stack, waiting);
    const facts = { ...collect(stack), limits: await settledLimits(stack, adminKey, waiting) };
    expect(discrepancies({ ...facts, answered: tally.answered }, expectedKpis)).toEqual([]);
    expect(facts.modelCalls.length).toBeGreaterThanOrEqual(5);
    expect(new Set(facts.events.map((event) => event.userId))).toEqual(new Set(['sam', 'alex']));
    expect(facts.limits.map((limit) => limit.limitId.split(':')[0]).sort()).toEqual([
      'daily-budget',
      'user-daily',
      'user-daily',
    ]);
    expect(await reportedUsage()).toEqual(countedUsage(facts.events));
    expect(stack.broker?.counts('usage-events')).toMatchObject({ active: 0, locked: 0, scheduled: 0, deadLettered: 0 });
  }, 120_000);

  test('nothing is spent on requests that are refused', async () => {
    const before = stack.model?.calls().length;
    const answers = await Promise.all([
      post('/api/trail-finder/search', '{"location":"Moab"}', { 'x-functions-key': 'wrong-wrong-wrong-wrong' }),
      post('/api/trail-finder/search', '{"location":"  "}'),
      post('/api/trail-finder/search', '{"location":'),
      post('/api/trail-finder/search', 'location=Moab', { 'content-type': 'text/plain' }),
      post('/api/trail-finder/search', '{"location":"Moab","searchRadius":-1}'),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([401, 400, 400, 415, 400]);
    for (const answer of answers) {
      expect(await answer.json()).toMatchObject({ success: false, error: expect.any(String) });
    }
    expect(stack.model?.calls().length).toBe(before);
  });

  test('an admin deletes the data of a user, and no sum changes', async () => {
    const admin = { headers: { 'x-functions-key': adminKey } };
    const sums = async (groupBy: string) => {
      const answer = await fetch(`${stack.url}/api/usage?interval=day&groupBy=${groupBy}`, admin);
      return ((await answer.json()) as { data: { rows: unknown[] } }).data.rows;
    };
    const url = `${stack.url}/api/admin/users/sam/data`;
    const read = async () => ((await (await fetch(url, admin)).json()) as { data: Record<string, unknown> }).data;
    const before = await sums('useCase,model,outcome,version,step');
    const known = await read();
    expect(known).toMatchObject({ userId: 'sam', usage: { events: expect.any(Number) } });
    const deleted = await fetch(url, { method: 'DELETE', ...admin });
    const { data } = (await deleted.json()) as { data: Record<string, { usageEvents?: number; instances?: number }> };
    expect(data).toMatchObject({ userId: 'sam', state: 'swept' });
    expect(data['erased']).toMatchObject({
      usageEvents: (known['usage'] as { events: number }).events,
      instances: (known['instances'] as { total: number }).total,
    });
    expect(data['erased']?.usageEvents).toBeGreaterThan(0);
    expect(data['erased']?.instances).toBeGreaterThan(0);
    expect(await read()).toMatchObject({ usage: { events: 0 }, instances: { total: 0 }, deadLetters: { total: 0 } });
    expect(await sums('useCase,model,outcome,version,step')).toEqual(before);
    const users = (await sums('user')) as { user: string }[];
    expect(users.map(({ user }) => user).sort()).toEqual(['alex', 'deleted-user']);
  });

  test('no prompt, answer or secret is in what the app logs', async () => {
    await stack.close(); // then its metrics are written too
    const text = lines.join('\n');
    expect(text).toContain('batch-ingested');
    for (const secret of [KEY, stack.settings['PAYI_API_KEY'] ?? '', stack.settings['ANTHROPIC_API_KEY'] ?? '']) {
      expect(text).not.toContain(secret);
    }
    expect(text).not.toContain('Is the water crossing passable');
  });
});
