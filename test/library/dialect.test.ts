import Anthropic from '@anthropic-ai/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { startModel } from '../../infra/local/model/src/server.ts';
import { startPayi } from '../../infra/local/payi/src/server.ts';
import { createPayiClient, payiInstrument, trackContext } from '../../shared/library/index.ts';

test.each(['live', 'guide'] as const)('calls and scores get to a Pay-i that takes the dialect %s', async (dialect) => {
  const model = await startModel();
  const payi = await startPayi({ apiKey: 'key', dialect });
  onTestFinished(async () => {
    await model.close();
    await payi.close();
  });
  const reach = { apiKey: 'key', baseUrl: payi.url, dialect };
  const rest = createPayiClient(reach);
  await rest.definitions.create({ name: 'trail_search', description: 'Finds trails' });
  await rest.kpis.create('trail_search', { name: 'helpful', description: 'Of help', kpi_type: 'boolean', goal: 1 });

  const instrument = payiInstrument(reach);
  const anthropic = new Anthropic({
    apiKey: 'local',
    maxRetries: 0,
    ...instrument.anthropic(),
    baseURL: model.url,
  } as never);
  await trackContext({ useCaseName: 'trail_search', userId: 'sam' }, async ({ useCase }) => {
    await anthropic.messages.create({
      model: 'claude-sonnet-5-5',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'Which tyres suit slickrock?' }],
    });
    await instrument.recordKpi('trail_search', useCase?.id ?? '', 'helpful', true);
  });
  expect(await instrument.close()).toBe(0);
  const { events, costUsd, scores, requests } = payi.inspect.summary();
  expect([events, scores]).toEqual([1, 1]);
  expect(costUsd).toBeGreaterThan(0);
  // The guide has no bulk.
  expect(Object.keys(requests).some((name) => name.includes('/bulk'))).toBe(dialect === 'live');
});
