import { expect, test } from 'vitest';
import { chatDialect, type Dialect, messagesDialect, responsesDialect } from '../../shared/model/dialect.ts';
import type { RequestShape } from '../../shared/model/request/request-shape.ts';
import type { TrackedCall } from '../../shared/tracking/call.ts';
import { cheaperCalls } from '../../shared/tracking/fallback/cheaper-calls.ts';
import type { CallForm } from '../../shared/use-cases/use-case.ts';

const atMs = Date.UTC(2026, 10, 28);
const openai = 'system.openai';
const asked = { model: 'claude-opus-5-5', max_tokens: 4_000, messages: [{ role: 'user', content: 'Which trail?' }] };
const haiku: CallForm = { model: 'claude-haiku-5-5' };

/** The forms of a request, each with what it changes. */
function formsOf(
  body: Record<string, unknown>,
  permitted: CallForm[],
  dialect: Dialect = messagesDialect(),
  more: { models?: string[]; pricedAs?: (model: string) => string | undefined } = {},
) {
  const context = more.models && ({ key: { name: 'a-key', models: more.models } } as unknown as TrackedCall['context']);
  const priced = (other: RequestShape) => {
    const model = more.pricedAs ? more.pricedAs(other.model) : other.model;
    return model === undefined ? undefined : { ...other, model };
  };
  const changes = { valueAt: (name: string) => body[name], priced };
  const shape = dialect.readRequest(body);
  return cheaperCalls({ shape, context }, { changes, dialect }, permitted, atMs).map((form) => form.members());
}

test('each permitted form that is cheaper comes in its order, with the members that it changes', () => {
  const forms = [
    { model: 'claude-sonnet-5-5' },
    { ...haiku, maxTokens: 500, effort: 'low' as const },
    { maxTokens: 800 },
  ];
  expect(formsOf(asked, forms)).toEqual([
    { model: 'claude-sonnet-5-5' },
    { model: 'claude-haiku-5-5', max_tokens: 500, output_config: { effort: 'low' } },
    { max_tokens: 800 },
  ]);
});

test('a request that asks for less keeps what it asks for', () => {
  const forms: CallForm[] = [{ ...haiku, maxTokens: 5_000, effort: 'medium' }];
  expect(formsOf({ ...asked, output_config: { effort: 'low' } }, forms)).toEqual([{ model: 'claude-haiku-5-5' }]);
  const format = { type: 'json_schema', schema: {} };
  expect(formsOf({ ...asked, output_config: { effort: 'max', format } }, forms)).toEqual([
    { model: 'claude-haiku-5-5', output_config: { effort: 'medium', format } },
  ]);
});

test.each<[string, Record<string, unknown>, CallForm]>([
  ['the same model', asked, { model: 'claude-opus-5-5' }],
  ['a dearer model', { ...asked, model: 'claude-haiku-5-5' }, { model: 'claude-opus-5-5' }],
  ['a model without a price', asked, { model: 'claude-unheard-of' }],
  ['an answer that is not shorter', asked, { maxTokens: 4_000 }],
  [
    'an answer that is shorter than its thinking',
    { ...asked, thinking: { type: 'enabled', budget_tokens: 2_000 } },
    { maxTokens: 1_000 },
  ],
  [
    'another model for what a model thought',
    {
      ...asked,
      messages: [
        ...asked.messages,
        { role: 'assistant', content: [{ type: 'thinking', thinking: '', signature: 's' }] },
      ],
    },
    haiku,
  ],
])('%s is not a form of a call', (_, body, form) => {
  expect(formsOf(body, [form])).toEqual([]);
});

test('a call in fast mode has no form of a model without a price for it', () => {
  expect(formsOf({ ...asked, speed: 'fast' }, [haiku])).toEqual([]);
});

test('an access key limits the models that a call falls back to', () => {
  const models = ['claude-opus-5-5', 'claude-sonnet-5-5'];
  expect(
    formsOf(asked, [haiku, { model: 'claude-sonnet-5-5' }, { maxTokens: 10 }], messagesDialect(), { models }),
  ).toEqual([{ model: 'claude-sonnet-5-5' }, { max_tokens: 10 }]);
});

test("chat completions and responses have members of their own; an answer's length is lowered wherever it is set", () => {
  const form: CallForm[] = [{ model: 'gpt-5.4-mini', maxTokens: 100, effort: 'low' }];
  const messages = [{ role: 'user', content: 'x' }];
  expect(
    formsOf({ model: 'gpt-5.4', messages, max_tokens: 900, max_completion_tokens: 900 }, form, chatDialect(openai)),
  ).toEqual([{ model: 'gpt-5.4-mini', max_tokens: 100, max_completion_tokens: 100, reasoning_effort: 'low' }]);
  expect(
    formsOf(
      { model: 'gpt-5.4', input: 'x', reasoning: { effort: 'high', summary: 'auto' } },
      form,
      responsesDialect(openai),
    ),
  ).toEqual([{ model: 'gpt-5.4-mini', max_output_tokens: 100, reasoning: { effort: 'low', summary: 'auto' } }]);
});

test('a model of another provider is not a form, and a deployment has the price of its model', () => {
  const messages = [{ role: 'user', content: 'x' }];
  const pricedAs = (model: string) => ({ small: 'gpt-5.4-mini' })[model];
  const forms = [{ model: 'gemini-3-flash' }, { model: 'small' }];
  expect(formsOf({ model: 'gpt-5.4', messages }, forms, chatDialect(openai), { pricedAs })).toEqual([
    { model: 'small' },
  ]);
});

test('without a maximum in the request, an answer of the other model is bounded by what that model can write', () => {
  const dialect = chatDialect(openai);
  const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'x' }] };
  const changes = {
    valueAt: (name: string) => (body as Record<string, unknown>)[name],
    priced: (shape: RequestShape) => shape,
  };
  const shape = dialect.readRequest(body);
  const shapes = cheaperCalls(
    { shape, context: undefined },
    { changes, dialect },
    [{ model: 'gpt-5-nano' }, { model: 'gpt-5-nano', maxTokens: 20_000 }],
    atMs,
  );
  expect(shapes.map((form) => [form.shape.maxTokens, form.shape.hidesOutput, form.members()])).toEqual([
    [128_000, true, { model: 'gpt-5-nano' }],
    [20_000, true, { model: 'gpt-5-nano', max_completion_tokens: 20_000 }],
  ]);
});
