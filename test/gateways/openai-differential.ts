import fc from 'fast-check';
import type { ModelStandIn } from '../../infra/local/model/src/server.ts';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import { until } from '../support/recording.ts';
import { type Asked, type Comparison, compareAll, type Sides, startPair, sumOf } from './compare.ts';
import { startOpenAiGateway } from './openai-gateway.ts';
import { GATEWAY_KEY } from './serve.ts';

/** The same for the OpenAI gateway: chat completions, responses and embeddings, JSON and streams, of clients that leave too. */
export async function compareOpenAiGateway(count: number, seed: number): Promise<Comparison> {
  const pair = await startPair();
  const opened = await startOpenAiGateway();
  opened.reset({ OPENAI_BASE_URL: `${pair.behind.url}/v1` });
  try {
    const sides: Sides = {
      ...pair,
      direct: { url: `${pair.straight.url}/v1`, headers: { authorization: 'Bearer provider-secret' } },
      passed: { url: `${opened.url}/openai/v1`, headers: { authorization: `Bearer ${GATEWAY_KEY}` } },
      compared: ['content-type', 'retry-after', 'x-should-retry'],
    };
    const result = await compareAll(fc.sample(asked, { numRuns: count, seed }), seed, sides);
    const billed = pair.behind.calls().filter(({ usage }) => usage);
    // Events of clients that left come behind them.
    await until(() => opened.record.events.filter(isOfAnswer).length >= billed.length);
    result.differences.push(...billDifferences(billed, opened.record.events));
    return result;
  } finally {
    await Promise.all([opened.close(), pair.close()]);
  }
}

const isOfAnswer = ({ outcome }: UsageEvent): boolean => outcome !== 'failed';

/** Each answer has one event with its tokens. Of one that a client left, the provider's totals are unknown: no less than its prompt. */
function billDifferences(calls: ReturnType<ModelStandIn['calls']>, events: readonly UsageEvent[]): string[] {
  const reported = new Map(events.map((event) => [event.providerResponseId, event]));
  return calls.flatMap(({ usage = {}, responseId, requestId, outcome }) => {
    const id = responseId ?? requestId;
    const event = reported.get(id);
    const input = Number(usage['prompt_tokens'] ?? usage['input_tokens']);
    const output = Number(usage['completion_tokens'] ?? usage['output_tokens'] ?? 0);
    const units = event && sumOf(event.units);
    if (event?.unitsEstimated) {
      const isRight = event.outcome === 'aborted' && outcome !== 'failed' && sumOf(event.units) >= input;
      return isRight ? [] : [`${id}: ${event.outcome} at ${units} units, ${input} of its prompt are billed`];
    }
    return units === input + output ? [] : [`${id}: ${input + output} tokens billed, ${units ?? 'none'} reported`];
  });
}

const text = fc.oneof(fc.string(), fc.constantFrom('Which trail is dry?', 'Wüste 🏜️', 'a'.repeat(5_000)));
const said = text.filter((one) => one !== '');
const spoil = fc.constantFrom({}, {}, {}, {}, {}, { model: '' }, { messages: [], input: [] }, { stream: 'yes' });
const parameters = { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] };
const model = fc.constantFrom('gpt-4.1-mini', 'gpt-5.5', 'o4-mini', 'gpt-4o', 'some-model-of-2027');

const chat = fc
  .record(
    {
      model,
      messages: fc.array(
        fc.oneof(
          fc.record({ role: fc.constantFrom('user', 'system', 'assistant'), content: text }),
          fc.record({
            role: fc.constant('user'),
            content: fc.constant([
              { type: 'text', text: 'What is this?' },
              { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
            ]),
          }),
        ),
        { minLength: 1, maxLength: 4 },
      ),
      max_completion_tokens: fc.integer({ min: 1, max: 400 }),
      n: fc.integer({ min: 1, max: 3 }),
      temperature: fc.double({ min: 0, max: 2, noNaN: true }),
      tools: fc.constant([{ type: 'function', function: { name: 'weather', parameters } }]),
      stream: fc.boolean(),
    },
    { requiredKeys: ['model', 'messages'] },
  )
  .chain((request) =>
    fc
      .constantFrom({}, {}, { stream_options: { include_usage: true } }, { stream_options: { include_usage: false } })
      .map((options) => ({ ...request, ...(request.stream && options) })),
  );

const responses = fc.record(
  {
    model,
    input: fc.oneof(
      said,
      fc.array(fc.record({ role: fc.constant('user'), content: said }), { minLength: 1, maxLength: 3 }),
    ),
    instructions: text,
    max_output_tokens: fc.integer({ min: 16, max: 400 }),
    tools: fc.constant([{ type: 'function', name: 'weather', parameters }]),
    stream: fc.boolean(),
  },
  { requiredKeys: ['model', 'input'] },
);

const embeddings = fc.record({
  model: fc.constantFrom('text-embedding-3-small', 'some-embeddings'),
  input: fc.oneof(
    said,
    fc.array(said, { minLength: 1, maxLength: 5 }),
    fc.array(fc.nat(9_999), { minLength: 1, maxLength: 9 }),
  ),
});

const asked: fc.Arbitrary<Asked> = fc
  .record({
    call: fc.oneof(
      { weight: 3, arbitrary: chat.map((body) => ({ path: '/chat/completions', body })) },
      { weight: 2, arbitrary: responses.map((body) => ({ path: '/responses', body })) },
      { weight: 1, arbitrary: embeddings.map((body) => ({ path: '/embeddings', body: { ...body, stream: false } })) },
    ),
    spoil,
    leaves: fc.nat(19).map((turn) => turn === 0),
  })
  .map(({ call: { path, body }, spoil, leaves }) => ({
    path,
    body: JSON.stringify({ ...body, ...spoil }),
    leaves: leaves && body.stream === true && Object.keys(spoil).length === 0,
  }));
