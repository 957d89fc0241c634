import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { failure, standIn } from './client.ts';

const context = standIn();
const client = () => new OpenAI({ apiKey: 'local', baseURL: `${context.model.url}/v1`, maxRetries: 0 });
const MODEL = 'text-embedding-3-small';

describe('embeddings', () => {
  it('are the same for the same text, as numbers and in base64', async () => {
    const [first, second] = [
      await client().embeddings.create({ model: MODEL, input: ['Moab', 'Ouray'], encoding_format: 'float' }),
      await client().embeddings.create({ model: MODEL, input: 'Ouray' }),
    ];
    expect(first.data).toHaveLength(2);
    expect(first.data[1]?.embedding).toEqual([...(second.data[0]?.embedding ?? [])]);
    expect(first.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  });

  it('have the dimensions that are asked for, and refuse what is not a text', async () => {
    const answer = await client().embeddings.create({ model: MODEL, input: 'Moab', dimensions: 32 });
    expect(answer.data[0]?.embedding).toHaveLength(32);
    expect(await failure(client().embeddings.create({ model: MODEL, input: [] }))).toMatchObject({ status: 400 });
  });
});
