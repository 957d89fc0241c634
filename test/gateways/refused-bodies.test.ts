import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { GATEWAY_KEY } from './serve.ts';

let opened: AnthropicGateway;

beforeAll(async () => {
  opened = await startAnthropicGateway();
});
afterAll(() => opened.close());
beforeEach(() => opened.reset());

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const ask = (members: string) =>
  `{"model":"claude-haiku-5-5","messages":[{"role":"user","content":"x"}],"max_tokens":10${members}}`;
const long = ask(`,"metadata":{"user_id":"${'x'.repeat(200_000)}"}`);

test.each([
  ['a member twice', ask(',"max_tokens":128000'), 'max_tokens'],
  ['a member twice, once with an escape', ask(',"max_tok\\u0065ns":128000'), 'max_tokens'],
  ['a member twice, deep inside', ask(',"metadata":{"user_id":"a","user_id":"b"}'), 'user_id'],
  [
    'a schema 100,000 deep',
    ask(`,"tools":[{"name":"t","input_schema":${nested(100_000)}}]`),
    'must not nest deeper than 200 levels',
  ],
  ['lists 100,000 deep', ask(`,"metadata":${'['.repeat(100_000)}`), 'must not nest deeper than 200 levels'],
  ['two million values', ask(`,"metadata":[${'1,'.repeat(2_000_000)}1]`), 'must not have more than 250000 values'],
  ['an object behind the JSON', `${ask('')}{"max_tokens":128000}`, 'is not valid JSON'],
  ['an object behind JSON that a thread reads', `${long}{"max_tokens":128000}`, 'is not valid JSON'],
  ['a NUL behind the JSON', `${ask('')}\0`, 'is not valid JSON'],
  ['a NUL before the JSON', `\0${ask('')}`, 'is not valid JSON'],
  ['lines of JSON', `${ask('')}\n${ask('')}`, 'is not valid JSON'],
  ['a list', `[${ask('')}]`, 'must be a JSON object'],
  ['a text', JSON.stringify(ask('')), 'must be a JSON object'],
  ['whom to bill', ask(',"billing_policy":{"type":"billing_policy","bill_to":"user_profile"}'), 'billing_policy'],
])('%s: 400, nothing is sent', async (_name, body, words) => {
  const answer = await fetch(`${opened.url}/anthropic/v1/messages`, {
    method: 'POST',
    body,
    headers: { 'x-api-key': GATEWAY_KEY },
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    type: 'error',
    error: { type: 'invalid_request_error', message: expect.stringContaining(words) },
  });
  expect(opened.record.order).toEqual([]);
  expect(opened.model.calls()).toEqual([]);
});

test('names that are twice in different objects, or only in texts, pass', async () => {
  const body = ask(
    ',"stop_sequences":["a\\\\","\\"max_tokens\\":1"],"tools":[{"name":"t","input_schema":{"name":"x","max_tokens":{"max_tokens":1}}}]',
  );
  const answer = await fetch(`${opened.url}/anthropic/v1/messages`, {
    method: 'POST',
    body,
    headers: { 'x-api-key': GATEWAY_KEY },
  });
  expect(answer.status).not.toBe(400);
});
