import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { loadAnthropic } from '../../shared/model/clients/load-anthropic.ts';
import { createTextModel, textProviders } from '../../shared/model/clients/text-models.ts';
import { trackContext } from '../../shared/tracking/context.ts';
import { tracked } from '../../shared/tracking/tracked.ts';
import { trackedFetch } from '../../shared/tracking/tracked-fetch.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { recording } from '../support/recording.ts';

let model: ModelStandIn;
beforeAll(async () => {
  model = await startModel();
});
afterAll(() => model.close());

const settings = (key: string | undefined) => ({
  ANTHROPIC_PLATFORM: 'anthropic' as const,
  ANTHROPIC_API_KEY: key,
  OPENAI_API_KEY: key,
  GOOGLE_API_KEY: undefined,
  GOOGLE_AI_API_KEY: key,
  XAI_API_KEY: key,
  OPENAI_BASE_URL: `${model.url}/v1`,
  GOOGLE_BASE_URL: `${model.url}/v1`,
  XAI_BASE_URL: `${model.url}/v1`,
  MODEL_ALIASES: {},
});

const categories = {
  anthropic: 'system.anthropic',
  openai: 'system.openai',
  google: 'system.google.vertex',
  xai: 'xai',
};
const models = { anthropic: 'claude-haiku-5-5', openai: 'gpt-4o', google: 'gemini-2.0-flash', xai: 'grok-3' };

function servicesWith(key: string | undefined) {
  const record = recording();
  const options = { ...record, clock: systemClock };
  const anthropic = loadAnthropic({ apiKey: 'local', baseUrl: model.url, middleware: [tracked(options)] });
  return {
    record,
    services: {
      settings: settings(key),
      anthropic,
      chatFetch: (category: string) => trackedFetch(options, category),
    },
  };
}

test.each(textProviders)('%s answers, and its call is an event', async (provider) => {
  const { record, services } = servicesWith('local');
  const judge = createTextModel(provider, models[provider], services);
  const answer = await trackContext({ useCaseName: 'judge_validation' }, () =>
    judge.complete({ system: 'You judge.', prompt: 'Is it true?', maxTokens: 300 }),
  );
  expect(answer).toMatchObject({ refused: false, text: expect.stringMatching(/./) });
  expect(record.events).toMatchObject([
    {
      category: categories[provider],
      resource: answer.model,
      outcome: 'succeeded',
      useCase: { name: 'judge_validation' },
    },
  ]);
  expect(record.events[0]?.units['text']?.output).toBeGreaterThan(0);
  expect(record.order).toEqual(['hold', 'event', 'settle']);
});

test.each(textProviders)('%s without a key is a 503', (provider) => {
  expect(() => createTextModel(provider, models[provider], servicesWith(undefined).services)).toThrow(
    expect.objectContaining({ code: 'provider_not_configured', status: 503 }),
  );
});
