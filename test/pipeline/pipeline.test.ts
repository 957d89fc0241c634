import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { collect, expectedKpis, settledLimits, waitUntilIngested } from '../../infra/local/demo/facts.ts';
import { discrepancies } from '../../infra/local/demo/figures.ts';
import { askQuestions, wrongAnswers } from '../../infra/local/demo/questions.ts';
import { rateAnswers } from '../../infra/local/demo/rate.ts';
import { sendAll } from '../../infra/local/demo/send.ts';
import { traffic } from '../../infra/local/demo/traffic.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import type { InstanceView } from '../../shared/outcomes/instance-view.ts';

const KEY = 'a-key-for-the-pipeline-test';

const message = { model: 'claude-sonnet-4-5', max_tokens: 200, messages: [{ role: 'user', content: 'Which tyres?' }] };

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
  });
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
    const thumbs = await rateAnswers(stack.url, KEY, tally.answered, signal);
    const waiting = { signal, limitMs: 40_000, progress: () => undefined, thumbs };
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
    const answers = await askQuestions(stack.url, adminKey, signal);
    expect(wrongAnswers(answers, facts.events)).toEqual([]);
    const dataOf = (question: RegExp) => answers.find((one) => question.test(one.question))?.data ?? {};
    expect(dataOf(/features, users and teams/).rows?.every(({ account }) => account === 'Field Guides')).toBe(true);
    expect(dataOf(/audit/)).toMatchObject({ ok: true });
    expect(dataOf(/runaway/).limits?.map(({ limitId }) => limitId)).toContain(facts.limits[0]?.limitId);
    // Of what the stand-in of Pay-i has: cost of all analyses for each that succeeded, and for each user who liked one.
    const costOf = (name: string) =>
      facts.events.reduce((sum, { useCaseName, costNanoUsd }) => (useCaseName === name ? sum + costNanoUsd : sum), 0n);
    const scored = (name: string, kpi: string) =>
      facts.kpis.filter((one) => one.useCaseName === name && one.name === kpi && one.score === 1);
    const userOf = new Map(facts.events.map(({ useCaseId, userId }) => [useCaseId, userId]));
    const kpiOf = (question: RegExp, kpi: string) =>
      dataOf(question).rows?.[0]?.kpis.find(({ name }) => name === kpi)?.yes;
    const usdOf = (nanoUsd: bigint, count: number) => expect.closeTo(Number(nanoUsd) / 1e9 / count, 9);
    const successes = scored('trail_analysis', 'analysis_success');
    expect(successes.length).toBeGreaterThan(0);
    expect(kpiOf(/successful analysis/, 'analysis_success')).toMatchObject({
      instances: successes.length,
      usdPerInstance: usdOf(costOf('trail_analysis'), successes.length),
    });
    const satisfied = new Set(scored('trail_finder', 'user_satisfaction').map((one) => userOf.get(one.useCaseId)));
    expect(satisfied.size).toBeGreaterThan(0);
    expect(kpiOf(/satisfied user/, 'user_satisfaction')).toMatchObject({
      users: satisfied.size,
      usdPerUser: usdOf(costOf('trail_finder'), satisfied.size),
    });
    const ratings = facts.kpis.filter(({ name }) => name === 'difficulty_rating').map(({ score }) => score);
    const byScore = dataOf(/tokens/).rows?.[0]?.kpis.find(({ name }) => name === 'difficulty_rating')?.byScore ?? [];
    expect(byScore.map(({ from }) => from)).toEqual([...new Set(ratings)].sort((a, b) => a - b));
  });

  test('a call through a gateway is an instance with its cost, under the id that its caller chose', async () => {
    const answer = await post('/anthropic/v1/messages', JSON.stringify(message), {
      'x-use-case-id': 'conversation 1',
      'anthropic-version': '2023-06-01',
    });
    expect(answer.status).toBe(200);
    const { usage } = (await answer.json()) as { usage: { input_tokens: number } };
    const ask = (path: string, user = 'sam') =>
      fetch(`${stack.url}/api/use-cases/anthropic_api/instances${path}`, {
        headers: { 'x-functions-key': KEY, 'x-user-id': user },
      });
    await vi.waitFor(async () => expect((await ask('/conversation%201')).status).toBe(200), { timeout: 60_000 });
    const { data } = (await (await ask('/conversation%201')).json()) as { data: InstanceView };
    const [call] = data.calls;
    expect(data).toMatchObject({ requests: 1, userId: 'sam', states: ['ingested'], verdict: null });
    expect(call?.units['text']?.input).toBe(usage.input_tokens);
    // To the nano-USD, rounded up once.
    const lines = call?.priceLines?.reduce((sum, { usd }) => sum + Math.round(usd * 1e12), 0) ?? 0;
    expect(Math.ceil(lines / 1_000)).toBe(Math.round((call?.estimatedUsd ?? 0) * 1e9));
    expect(call?.payiUsd ?? call?.estimatedUsd).toBe(call?.estimatedUsd);
    const listed = (await (await ask('?limit=1')).json()) as { data: { instances: InstanceView[] } };
    expect(listed.data.instances.map(({ useCaseId }) => useCaseId)).toEqual(['conversation 1']);
    expect((await ask('/conversation%201', 'eve')).status).toBe(404);
  });

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
