import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FittingChange } from '../../shared/limits/policies/explanation.ts';
import { readChatShape } from '../../shared/model/request/openai/chat-shape.ts';
import { type RequestShape, readMessagesShape } from '../../shared/model/request/request-shape.ts';
import { cheapBound } from '../../shared/tracking/holds/bound.ts';
import { explainBound } from '../../shared/tracking/holds/explain-bound.ts';

type Body = Record<string, unknown>;
const atMs = Date.UTC(2026, 10, 23);
const file = { type: 'document', source: { type: 'file', file_id: 'f' } };
const text = { type: 'text', text: 'Hello' };
const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 2 };
const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-haiku-4-5', max_tokens: 5_000 };

/** Each member may be there or not. */
const message: fc.Arbitrary<Body> = fc.record(
  {
    model: fc.constantFrom('claude-opus-4-8', 'claude-haiku-4-5', 'a model of 2031'),
    max_tokens: fc.integer({ min: 1, max: 100_000 }),
    messages: fc.constantFrom([text], [file, text]).map((content) => [{ role: 'user', content }]),
    system: fc.nat(20_000).map((length) => 'x'.repeat(length)),
    container: fc.constant('container_1'),
    tools: fc.constantFrom([search], [advisor], [search, advisor], [{ name: 'own', input_schema: {} }]),
    mcp_servers: fc.constant([{ type: 'url', url: 'https://a.invalid', name: 'a' }]),
    fallbacks: fc.constantFrom([{}], [{ model: 'claude-opus-4-8' }, { model: 'claude-haiku-4-5', max_tokens: 9_000 }]),
    compaction: fc.constant({ type: 'compact_20260904' }),
    thinking: fc.integer({ min: 1_024, max: 90_000 }).map((budget) => ({ type: 'enabled', budget_tokens: budget })),
  },
  { requiredKeys: ['model', 'messages'] },
);

/** The body after a change, as its caller would make it. */
function changed(body: Body, { member, change, value }: FittingChange): Body {
  const next = structuredClone(body);
  for (const name of member.split(', ')) {
    if (change === 'at_most') {
      if (name === 'thinking.budget_tokens') (next['thinking'] as Body)['budget_tokens'] = value;
      else next[name] = Math.min(Number(next[name] ?? Number.POSITIVE_INFINITY), value ?? 0);
    } else if (name === 'messages.content.source') next['messages'] = [{ role: 'user', content: [text] }];
    else if (name === 'mcp') delete next['mcp_servers'];
    else if (name in next) delete next[name];
    else next['tools'] = (next['tools'] as Body[]).filter(({ type }) => type !== name);
  }
  return next;
}

function holds(body: Body, read: (body: unknown) => RequestShape, left: bigint): number {
  const { fits } = explainBound(read(body), { unit: 'usd', atMs, left });
  for (const change of fits) expect(cheapBound(read(changed(body, change)), atMs)).toBeLessThanOrEqual(left);
  return fits.length;
}
/** An answer cannot be shorter than its thinking: below that, the budget for thinking counts besides. */
const belowItsThinking: Body = {
  model: 'a model of 2031',
  max_tokens: 1_025,
  messages: [{ role: 'user', content: [text] }],
  container: 'container_1',
  fallbacks: [{}],
  compaction: { type: 'compact_20260904' },
  thinking: { type: 'enabled', budget_tokens: 1_024 },
};
const left = fc.bigInt({ min: 0n, max: 100_000_000_000n });

test('whatever a refusal of a message says that would fit, fits', () => {
  let said = 0;
  fc.assert(
    fc.property(message, left, (body, nano) => {
      said += holds(body, readMessagesShape, nano);
    }),
    { numRuns: 100, examples: [[belowItsThinking, 56_327_025_000n]] },
  );
  expect(said).toBeGreaterThan(20);
});

test('so it does for a chat completion with several choices, and with a prediction', () => {
  const chat = fc.record(
    {
      model: fc.constantFrom('gpt-4o', 'a-model-of-2031'),
      messages: fc.nat(20_000).map((length) => [{ role: 'user', content: 'x'.repeat(length) }]),
      max_tokens: fc.integer({ min: 1, max: 60_000 }),
      max_completion_tokens: fc.integer({ min: 1, max: 60_000 }),
      n: fc.integer({ min: 1, max: 12 }),
      prediction: fc.nat(20_000).map((length) => ({ type: 'content', content: 'x'.repeat(length) })),
    },
    { requiredKeys: ['model', 'messages'] },
  );
  let said = 0;
  fc.assert(
    fc.property(chat, fc.bigInt({ min: 0n, max: 2_000_000_000n }), (body, nano) => {
      said += holds(body, readChatShape, nano);
    }),
    { numRuns: 100 },
  );
  expect(said).toBeGreaterThan(20);
});
