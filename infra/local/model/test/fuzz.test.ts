import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standIn } from './client.ts';

const context = standIn();

const anything = fc.jsonValue({ maxDepth: 3 });
const block = fc.record(
  {
    type: fc.constantFrom('text', 'image', 'tool_result', 'tool_use', 'thinking', 'unheard_of'),
    text: anything,
    source: fc.oneof(anything, fc.record({ type: fc.constant('base64'), media_type: anything, data: anything })),
    content: fc.oneof(anything, fc.array(anything)),
    cache_control: anything,
  },
  { requiredKeys: ['type'] },
);
const schema = fc.record(
  {
    type: anything,
    properties: anything,
    required: anything,
    $ref: anything,
    pattern: fc.string(),
    enum: anything,
    anyOf: anything,
  },
  { requiredKeys: [] },
);
const request = fc.record(
  {
    model: fc.constantFrom<unknown>('claude-sonnet-5-5', 'claude-haiku-4-5', 'nobody', 7),
    max_tokens: fc.oneof(fc.integer({ min: -5, max: 9_000 }), anything),
    messages: fc.oneof(
      fc.array(
        fc.record({ role: fc.constantFrom('user', 'assistant'), content: fc.oneof(fc.string(), fc.array(block)) }),
      ),
      anything,
    ),
    system: fc.oneof(fc.string(), anything),
    tools: fc.oneof(
      fc.array(
        fc.record({
          name: fc.string(),
          type: fc.constantFrom('web_search_20250305', 'custom'),
          input_schema: schema,
          allowed_domains: anything,
          max_uses: anything,
        }),
      ),
      anything,
    ),
    tool_choice: anything,
    output_config: fc.oneof(anything, fc.record({ format: fc.record({ type: fc.constant('json_schema'), schema }) })),
    stop_sequences: anything,
    stream: fc.boolean(),
  },
  { requiredKeys: ['model', 'max_tokens', 'messages'] },
);

describe('any JSON', () => {
  it.each(['/v1/messages', '/v1/messages/count_tokens', '/v1/chat/completions', '/_standin/script'])(
    'gets an answer that is not a server error at %s',
    async (path) => {
      await fc.assert(
        fc.asyncProperty(
          fc.oneof({ weight: 4, arbitrary: request }, { weight: 1, arbitrary: anything }),
          async (body) => {
            const headers = { authorization: 'Bearer x', 'anthropic-version': '2026-10-21' };
            const response = await fetch(context.model.url + path, {
              method: 'POST',
              headers,
              body: JSON.stringify(body),
            });
            await response.text();
            expect(response.status).toBeLessThan(500);
            context.model.reset();
          },
        ),
        { numRuns: 250, seed: 11 },
      );
    },
  );
});

describe('a schema that is malformed, or asks for too much', () => {
  const of = (schema: object) => ({ output_config: { format: { type: 'json_schema', schema } } });

  it.each([
    [{ type: 'object', required: 5 }, 400],
    [{ type: 'object', properties: { a: null }, required: ['a'] }, 400],
    [{ type: 'string', pattern: '(' }, 400],
    [{ type: 'array', minItems: 1e9, items: { type: 'string' } }, 200],
    [{ type: 'string', minLength: 1e9 }, 200],
  ])('%j gets %i', async (schema, status) => {
    const body = {
      model: 'claude-sonnet-5-5',
      max_tokens: 1_000,
      messages: [{ role: 'user', content: 'Hi' }],
      ...of(schema),
    };
    const headers = { authorization: 'Bearer x' };
    const response = await fetch(`${context.model.url}/v1/messages`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(status);
  });

  it('and a tool result of nothings, are answered', async () => {
    const content = [{ type: 'tool_result', tool_use_id: 'x', content: [null, 5, { type: 'image' }] }];
    const body = { model: 'claude-sonnet-5-5', max_tokens: 1_000, messages: [{ role: 'user', content }] };
    const headers = { authorization: 'Bearer x' };
    const response = await fetch(`${context.model.url}/v1/messages`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  });
});
