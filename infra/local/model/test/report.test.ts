import Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { apiKeyId } from '../src/report/usage-report.ts';
import { failure, standIn, user } from './client.ts';

const nowMs = Date.parse('2026-11-23T10:20:00Z');
const both = standIn({ now: () => nowMs });

const admin = (apiKey = 'sk-ant-admin-local') =>
  new Anthropic({ apiKey, baseURL: both.model.url, maxRetries: 0, logLevel: 'off' }).beta.organization.analytics;
const day = { starting_at: '2026-11-23T00:00:00Z', ending_at: '2026-11-24T00:00:00Z' };

const ask = (model: string, client = both.client) =>
  client.messages.create({ model, max_tokens: 50, messages: user('Which tyres suit slickrock?') });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('the report has the usage of the answers, by model, over pages', async () => {
  const answers = [await ask('claude-sonnet-5-5'), await ask('claude-sonnet-5-5'), await ask('claude-opus-5-5')];
  both.model.script({ error: { status: 529 } });
  await failure(ask('claude-sonnet-5-5'));
  const rows = await all(admin().usage.list({ ...day, group_by: ['model'], limit: 1 }));
  for (const model of ['claude-sonnet-5-5', 'claude-opus-5-5']) {
    const own = answers.filter((answer) => answer.model === model);
    expect(rows.find(({ group }) => group.model === model)?.usage).toMatchObject({
      requests: own.length,
      uncached_input_tokens: own.reduce((sum, { usage }) => sum + (usage.input_tokens ?? 0), 0),
      output_tokens: own.reduce((sum, { usage }) => sum + (usage.output_tokens ?? 0), 0),
    });
  }
  expect(rows).toHaveLength(2);
});

test('costs are fractional cents by list prices, by what was billed', async () => {
  both.model.script({
    usage: { input_tokens: 1_000, output_tokens: 100, server_tool_use: { web_search_requests: 2 } },
  });
  await ask('claude-sonnet-5-5');
  const rows = await all(admin().cost.list({ ...day, group_by: ['model', 'cost_type'] }));
  expect(rows.map(({ group, cost }) => [group.cost_type, cost.amount, cost.list_amount])).toEqual([
    ['tokens', '0.3000000000', '0.3000000000'],
    ['web_search', '2.0000000000', '2.0000000000'],
  ]);
});

test('what is billed besides an answer stands under its own model', async () => {
  const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-5-5' } as never;
  const others = () => both.model.calls().flatMap(({ bill = [] }) => bill.filter((line) => line.for !== 'answer'));
  for (let time = 0; time < 20 && others().length === 0; time++)
    await both.client.messages.create({
      model: 'claude-sonnet-5-5',
      max_tokens: 50,
      messages: user(`Which tyres suit slickrock? ${time}`),
      tools: [advisor],
    });
  const [first] = others();
  expect(first).toMatchObject({ for: 'advice', model: 'claude-opus-5-5' });
  const rows = await all(admin().usage.list({ ...day, group_by: ['model'] }));
  const sum = (name: 'input' | 'output') => others().reduce((total, line) => total + line[name], 0);
  expect(rows.find(({ group }) => group.model === 'claude-opus-5-5')?.usage).toMatchObject({
    requests: 0,
    uncached_input_tokens: sum('input'),
    output_tokens: sum('output'),
  });
});

test('a batch, fast mode and a region have their own prices', async () => {
  const tokens = { input_tokens: 1_000, output_tokens: 0 };
  both.model.script(
    { usage: { ...tokens, service_tier: 'batch' } },
    { usage: { ...tokens, speed: 'fast' } },
    { usage: { ...tokens, inference_geo: 'us' } },
  );
  for (let n = 0; n < 3; n++) await ask('claude-opus-5-5');
  const rows = await all(admin().cost.list({ ...day, group_by: ['service_tier', 'speed', 'inference_geo'] }));
  expect(rows.map(({ cost }) => Number(cost.amount)).sort()).toEqual([0.2, 0.44, 0.8]);
});

test('keys and hours outside the range are left out', async () => {
  const other = new Anthropic({ apiKey: 'another', baseURL: both.model.url });
  await ask('claude-sonnet-5-5');
  await ask('claude-opus-5-5', other);
  const own = await all(admin().usage.list({ ...day, group_by: ['model'], api_key_ids: [apiKeyId('another')] }));
  expect(own.map(({ group }) => group.model)).toEqual(['claude-opus-5-5']);
  const before = { starting_at: '2026-11-22T00:00:00Z', ending_at: '2026-11-23T10:00:00Z' };
  expect(await all(admin().usage.list(before))).toEqual([]);
});

test('other keys, longer ranges and unknown dimensions are refused', async () => {
  expect(await failure(admin('local').usage.list(day))).toMatchObject({ status: 403 });
  const long = { starting_at: '2026-10-01T00:00:00Z', ending_at: '2026-11-24T00:00:00Z' };
  expect(await failure(admin().usage.list(long))).toMatchObject({ status: 400 });
  expect(await failure(admin().usage.list({ ...day, group_by: ['product'] }))).toMatchObject({ status: 400 });
});
