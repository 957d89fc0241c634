import { z } from 'zod';
import { invalid } from '../errors.ts';
import { type Exchange, type ModelState, throwScripted, waitBefore } from '../exchange.ts';
import { randomFrom } from '../random.ts';
import { sendBody } from '../reply.ts';

const BYTES_PER_TOKEN = 4;
const DIMENSIONS = 8;

const text = z.string().min(1);
const tokens = z.array(z.number().int()).min(1);
const embeddingsSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([text, tokens, z.array(text).min(1), z.array(tokens).min(1)]),
  dimensions: z.number().int().min(1).max(3_072).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
});

/** `POST /v1/embeddings`: short vectors, the same for the same text. */
export async function answerEmbeddings(exchange: Exchange, state: ModelState): Promise<void> {
  const { response, call } = exchange;
  const decoded = embeddingsSchema.safeParse(exchange.body);
  if (!decoded.success) throw invalid(`${decoded.error.issues[0]?.path.join('.') || 'body'}: is invalid`);
  const { model, input, dimensions, encoding_format: format } = decoded.data;
  Object.assign(call, { model });
  const outcome = state.script.next('other');
  await waitBefore(state, outcome.delayMs);
  throwScripted(outcome);
  const inputs = typeof input === 'string' || typeof input[0] === 'number' ? [input] : (input as (string | number[])[]);
  const used = inputs.reduce<number>(
    (sum, one) => sum + (typeof one === 'string' ? Math.ceil(Buffer.byteLength(one) / BYTES_PER_TOKEN) : one.length),
    0,
  );
  const usage = { prompt_tokens: used, total_tokens: used, ...outcome.usage };
  Object.assign(call, { usage });
  const data = inputs.map((one, index) => {
    const random = randomFrom(`${state.seed}:${JSON.stringify(one)}`);
    const vector = Float32Array.from({ length: dimensions ?? DIMENSIONS }, () => random.below(2_000) / 1_000 - 1);
    const embedding = format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector];
    return { object: 'embedding', index, embedding };
  });
  const body = { object: 'list', data, model: outcome.model ?? model, usage };
  const headers = { 'x-request-id': exchange.requestId, ...outcome.headers };
  call.outcome = await sendBody(response, 200, JSON.stringify(body), headers, outcome.breakAfter);
}
