import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { failure, standIn } from './client.ts';

const context = standIn();
const client = () => new OpenAI({ apiKey: 'local', baseURL: `${context.model.url}/v1`, maxRetries: 0 });
const messages = [
  { role: 'system' as const, content: 'You judge.' },
  {
    role: 'user' as const,
    content: 'Answer with passed, overallScore, accuracy, hallucination, completeness, sourceQuality.',
  },
];

describe('chat completions', () => {
  it('answer the judge with coherent usage', async () => {
    const answer = await client().chat.completions.create({ model: 'gpt-4o', messages });
    const { overallScore, hallucination } = JSON.parse(answer.choices[0]?.message.content ?? '') as Record<
      string,
      unknown
    >;
    expect(overallScore).toBeTypeOf('number');
    expect(hallucination).toMatchObject({ detected: expect.any(Boolean) });
    expect(answer.usage?.total_tokens).toBe(
      (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
    );
    expect(answer.choices[0]?.finish_reason).toBe('stop');
  });

  it('end at max_tokens', async () => {
    const answer = await client().chat.completions.create({ model: 'gpt-4o', messages, max_tokens: 10 });
    expect([answer.choices[0]?.finish_reason, answer.usage?.completion_tokens]).toEqual(['length', 10]);
  });

  it('take scripted outcomes', async () => {
    context.model.script({ error: { status: 429 } }, { text: 'as told' });
    expect(await failure(client().chat.completions.create({ model: 'grok-3', messages }))).toMatchObject({
      status: 429,
    });
    const answer = await client().chat.completions.create({ model: 'grok-3', messages });
    expect(answer.choices[0]?.message.content).toBe('as told');
  });

  it('stream the same answer, with usage only where it is asked for', async () => {
    const read = async (more: object) => {
      let text = '';
      const usages: unknown[] = [];
      const stream = await client().chat.completions.create({ model: 'gpt-4o', messages, stream: true, ...more });
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        if ('usage' in chunk) usages.push(chunk.usage);
      }
      return { text, usages };
    };
    const whole = await client().chat.completions.create({ model: 'gpt-4o', messages });
    expect(await read({})).toEqual({ text: whole.choices[0]?.message.content, usages: [] });
    const { text, usages } = await read({ stream_options: { include_usage: true } });
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(usages.at(-1)).toEqual(whole.usage);
    expect(usages.slice(0, -1).every((usage) => usage === null)).toBe(true);
  });

  it('call a function until it has a result', async () => {
    const parameters = { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] };
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters } }];
    const first = await client().chat.completions.create({ model: 'gpt-4o', messages, tools });
    const [call] = first.choices[0]?.message.tool_calls ?? [];
    if (call?.type !== 'function') throw new Error('No function is called.');
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(JSON.parse(call.function.arguments)).toEqual({ place: expect.any(String) });
    const result = { role: 'tool' as const, tool_call_id: call.id, content: 'Sun' };
    const second = await client().chat.completions.create({
      model: 'gpt-4o',
      tools,
      messages: [...messages, { role: 'assistant', tool_calls: [call] }, result],
    });
    expect(second.choices[0]?.finish_reason).toBe('stop');
  });

  it('count reasoning in the output, and refuse what the API refuses', async () => {
    const create = (more: object) =>
      client().chat.completions.create({
        model: 'gpt-5',
        messages,
        ...more,
      } as OpenAI.ChatCompletionCreateParamsNonStreaming);
    const { usage } = await create({ max_completion_tokens: 100 });
    expect(usage?.completion_tokens_details?.reasoning_tokens).toBe(64);
    expect(usage?.completion_tokens).toBe(100);
    expect(await failure(create({ max_tokens: 100 }))).toMatchObject({ status: 400, type: 'invalid_request_error' });
    expect(await failure(create({ stream_options: { include_usage: true } }))).toMatchObject({ status: 400 });
  });

  it('break off in the middle of a stream', async () => {
    context.model.script({ breakAfter: { events: 3, how: 'error' } });
    const stream = await client().chat.completions.create({ model: 'gpt-4o', messages, stream: true });
    const read = async () => {
      for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk');
    };
    expect(await failure(read())).toBeInstanceOf(OpenAI.APIError);
  });
});
