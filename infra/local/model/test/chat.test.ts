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

  it('refuse to stream', async () => {
    expect(await failure(client().chat.completions.create({ model: 'gpt-4o', messages, stream: true }))).toMatchObject({
      status: 400,
    });
  });
});
