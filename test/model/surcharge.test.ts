import { describe, expect, test } from 'vitest';
import { endpointSurcharge } from '../../shared/model/platforms/surcharge.ts';
import { readChatShape } from '../../shared/model/request/openai/chat-shape.ts';
import { readMessagesShape } from '../../shared/model/request/request-shape.ts';
import { priceUnits } from '../../shared/pricing/price-units.ts';
import { cheapBound } from '../../shared/tracking/holds/bound.ts';

const mantle = 'https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages';
const runtime = (region: string) => `https://bedrock-runtime.${region}.amazonaws.com/anthropic/v1/messages`;
const project = 'v1/projects/p/locations';

describe('what an endpoint adds to the price', () => {
  test.each([
    ['system.anthropic', 'https://api.anthropic.com/v1/messages', 'claude-sonnet-5-5', undefined],
    ['system.aws.bedrock', mantle, 'anthropic.claude-sonnet-5-5', 'regional'],
    ['system.aws.bedrock', mantle, 'global.anthropic.claude-sonnet-5-5', undefined],
    ['system.aws.bedrock', runtime('eu-west-1'), 'eu.anthropic.claude-sonnet-5-5', 'regional'],
    ['system.aws.bedrock', runtime('us-gov-west-1'), 'anthropic.claude-sonnet-5-5', 'gov'],
    ['system.aws.bedrock', runtime('us-east-1'), 'us-gov.anthropic.claude-sonnet-5-5', 'gov'],
    [
      'system.aws.bedrock',
      runtime('us-east-1'),
      'arn:aws:bedrock:us-east-1:1:inference-profile/global.anthropic.claude-sonnet-5-5',
      undefined,
    ],
    ['system.aws.bedrock', mantle, '', 'regional'],
    ['system.google.vertex', `https://aiplatform.googleapis.com/${project}/global`, 'claude-opus-5-5', undefined],
    ['system.google.vertex', 'https://aiplatform.googleapis.com/v1/v1/messages', 'claude-opus-5-5', undefined],
    ['system.google.vertex', `https://us-east5-aiplatform.googleapis.com/${project}/us-east5`, 'm', 'regional'],
    ['system.google.vertex', 'https://aiplatform.eu.rep.googleapis.com/v1/v1/messages', 'm', 'regional'],
    ['system.google.vertex', `https://aiplatform.googleapis.com/${project}/eu`, 'm', 'regional'],
    ['system.google.vertex', 'https://proxy.example.com/v1/messages', 'm', 'regional'],
    ['system.openai', 'https://api.openai.com/v1', 'gpt-5.5', undefined],
    ['system.openai', 'https://eu.api.openai.com/v1', 'gpt-5.5', 'regional'],
    ['system.openai', 'https://llm.example.com/v1', 'gpt-5.5', undefined],
  ])('%s at %s, %s', (category, url, model, expected) => {
    expect(endpointSurcharge(category, new URL(url), { model, others: [] })).toBe(expected);
  });

  test('is regional as soon as one of the models of a call is not global', () => {
    const [model, other] = ['global.anthropic.claude-opus-5-5', 'us.anthropic.claude-sonnet-5-5'];
    const others = [{ model: other, maxTokens: 1, fast: false, uses: 1, member: 'fallbacks' as const }];
    expect(endpointSurcharge('system.aws.bedrock', new URL(mantle), { model, others })).toBe('regional');
  });
});

const atMs = Date.parse('2026-11-28T12:00:00Z');
const units = { text: { input: 1_000, output: 100 } };

test.each([
  ['claude-sonnet-5-5', 'regional', 3_300_000n],
  ['claude-haiku-4-5', 'regional', 1_650_000n],
  ['claude-sonnet-4-0', 'regional', 4_500_000n],
  ['claude-opus-4-1', 'gov', null],
  ['claude-sonnet-4-5', 'gov', 5_400_000n],
  ['gpt-5.4', 'regional', 4_400_000n],
  ['gpt-4.1', 'regional', 2_800_000n],
] as const)('a call of %s at an endpoint that is %s', (model, surcharge, cost) => {
  expect(priceUnits({ model, units, atMs, modifiers: [surcharge] })).toBe(cost);
});

test('bounds have the surcharge, also where the request keeps out of the US zone', () => {
  const request = { model: 'claude-sonnet-5-5', max_tokens: 1_000, inference_geo: 'global', messages: [] };
  const shape = readMessagesShape(request);
  const plain = cheapBound(shape, atMs);
  expect(cheapBound({ ...shape, surcharge: 'regional' }, atMs) * 10n).toBe(plain * 11n);
  expect(cheapBound({ ...shape, surcharge: 'gov' }, atMs) * 10n).toBe(plain * 12n);
  // Not on top of that of the zone, which counts where nothing is known.
  const unsaid = readMessagesShape({ ...request, inference_geo: undefined });
  expect(cheapBound({ ...unsaid, surcharge: 'regional' }, atMs)).toBe(cheapBound(unsaid, atMs));
});

test('a model without a price for the endpoint is held at the dearest that has one', () => {
  const shape = readChatShape({ model: 'gemini-3.5-flash', max_completion_tokens: 1_000, messages: [] });
  expect(cheapBound({ ...shape, surcharge: 'regional' }, atMs)).toBeGreaterThan(cheapBound(shape, atMs));
});
