import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect, expectedKpis, settledLimits, waitUntilIngested } from '../../infra/local/demo/facts.ts';
import { discrepancies } from '../../infra/local/demo/figures.ts';
import { rateAnswers } from '../../infra/local/demo/rate.ts';
import { sendAll } from '../../infra/local/demo/send.ts';
import { traffic } from '../../infra/local/demo/traffic.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';

/** The whole pipeline with a Pay-i that takes only what its guide shows: ingest, KPIs, limits, set-up. */

const KEY = 'a-key-for-the-guide-test';
const ADMIN_KEY = 'an-admin-key-for-the-guide-test';
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    settings: {
      PAYI_API_DIALECT: 'guide',
      ACCESS_KEYS: JSON.stringify({ web: { key: KEY, role: 'user' }, operator: { key: ADMIN_KEY, role: 'admin' } }),
      DEV_IDENTITY: '',
      JUDGE_PROVIDER: 'anthropic',
      LIMITS: JSON.stringify([
        { name: 'daily-budget', scope: 'global', window: 'day', maxUsd: 50, threshold: 0.8, type: 'block' },
      ]),
    },
  });
});
afterAll(() => stack?.close());

test('ingests, scores, counts limits and is set up', async () => {
  const signal = AbortSignal.timeout(100_000);
  const tally = await sendAll(stack.url, KEY, traffic.slice(0, 3), { signal, onAnswer: () => undefined });
  expect(tally.failures).toEqual([]);
  const thumbs = await rateAnswers(stack.url, KEY, tally.answered, signal);
  const waiting = { signal, limitMs: 40_000, progress: () => undefined, thumbs };
  await waitUntilIngested(stack, waiting);
  const facts = { ...collect(stack), limits: await settledLimits(stack, ADMIN_KEY, waiting) };
  expect(discrepancies({ ...facts, answered: tally.answered }, expectedKpis)).toEqual([]);
  const requests = Object.keys(stack.payi?.inspect.summary().requests ?? {});
  expect(requests).toContain('POST /ingest 200');
  expect(requests).toContain('POST /use_cases/instances/{name}/{use_case_id}/kpis/{kpi_name} 200');
  const headers = { 'x-functions-key': ADMIN_KEY };
  const setup = await fetch(`${stack.url}/api/admin/payi-setup`, { method: 'POST', headers });
  const { data } = (await setup.json()) as { data: Record<string, { result: string; reason?: string }[]> };
  const wrong = Object.values(data)
    .flat()
    .filter(({ result }) => result === 'failed' || result === 'updated');
  expect([setup.status, wrong]).toEqual([200, []]);
});
