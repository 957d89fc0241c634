import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../src/server.ts';

let model: ModelStandIn;
beforeAll(async () => {
  model = await startModel({ seed: 'bill' });
});
afterAll(() => model.close());

const post = async (more: object) => {
  const answer = await fetch(`${model.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'any', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: 'claude-sonnet-5-5',
      max_tokens: 200,
      messages: [{ role: 'user', content: 'Which trail is dry?' }],
      ...more,
    }),
  });
  return { status: answer.status, text: await answer.text() };
};
const bill = () => model.calls().at(-1)?.bill ?? [];

test('an answer is billed as its usage says', async () => {
  const { usage } = JSON.parse((await post({})).text);
  expect(usage).not.toHaveProperty('iterations');
  expect(bill()).toEqual([
    expect.objectContaining({ for: 'answer', input: usage.input_tokens, output: usage.output_tokens }),
  ]);
});

test.each([
  ['declined', { fallbacks: [{ model: 'claude-opus-5-5' }] }, 'fallback_message', 'claude-sonnet-5-5'],
  [
    'advice',
    { tools: [{ type: 'advisor_20260301', name: 'a', model: 'claude-opus-5-5' }] },
    'advisor_message',
    'claude-opus-5-5',
  ],
  [
    'summary',
    { context_management: { edits: [{ type: 'compact_20260112', trigger: { type: 'input_tokens', value: 1 } }] } },
    'compaction',
    'claude-sonnet-5-5',
  ],
])('%s is billed besides, and stands in the iterations of JSON and of streams', async (reason, request, type, name) => {
  for (const stream of [false, true]) {
    let text = '';
    for (let time = 0; time < 20 && !bill().some(({ for: one }) => one === reason); time += 1)
      ({ text } = await post({ ...request, stream }));
    const line = bill().find(({ for: one }) => one === reason);
    expect(line).toMatchObject({ model: name, input: expect.any(Number), output: expect.any(Number) });
    expect(text).toContain(`"type":"${type}"`);
    expect(text).toContain(`"output_tokens":${line?.output}`);
    model.reset();
  }
});

test('a stream that is cut off is billed for its prompt and what was sent', async () => {
  model.script({ breakAfter: { events: 6, how: 'end' } });
  await post({ stream: true });
  const [line] = bill();
  const { usage, begun } = model.calls().at(-1) ?? {};
  expect(line).toMatchObject({ input: begun?.input });
  expect(line?.output).toBeGreaterThan(0);
  expect(line?.output).toBeLessThan(Number(usage?.['output_tokens']));
});

test('a fallback or an advisor that there is not is refused', async () => {
  expect(await post({ fallbacks: [{ model: 'claude-nope' }] })).toMatchObject({ status: 400 });
  expect(await post({ tools: [{ type: 'advisor_20260301', name: 'a', model: 'x' }] })).toMatchObject({ status: 400 });
});
