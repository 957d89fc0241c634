// Calls of Anthropic and OpenAI, limited and metered in this process, and reported to Pay-i.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { createPayiClient, getContext, payiInstrument, TrailmeterError, trackContext } from 'trailmeter-library';

const { PAYI_API_KEY = '', PAYI_BASE_URL = 'https://api.pay-i.com' } = process.env;
const rest = createPayiClient({ apiKey: PAYI_API_KEY, baseUrl: PAYI_BASE_URL });
const kpi = {
  name: 'user_satisfaction',
  description: 'Thumbs up',
  kpi_type: /** @type {const} */ ('boolean'),
  goal: 0.9,
};
const { created } = await rest.definitions.create({ name: 'tyre_advice', description: 'Which tyres suit a trail' });
if (created) await rest.kpis.create('tyre_advice', kpi);

const payi = payiInstrument({
  apiKey: PAYI_API_KEY,
  baseUrl: PAYI_BASE_URL,
  limits: [
    { name: 'daily', scope: 'global', window: 'day', maxUsd: 5, type: 'block' },
    { name: 'tiny', scope: 'use_case', window: 'none', maxUsd: 0.000001, type: 'block', useCases: ['too_dear'] },
  ],
  log: (level, event, fields) => console.error(level, event, fields),
});
const anthropic = new Anthropic(payi.anthropic());
const openai = new OpenAI(payi.openai());
/** @type {{ role: 'user', content: string }[]} */
const messages = [{ role: 'user', content: 'Which tyres suit slickrock?' }];

/** Throws when the answer is not what the example is about. @param {boolean} fact @param {string} what */
function check(fact, what) {
  if (!fact) throw new Error(`${what} is not so`);
}

const instanceId = await trackContext({ useCaseName: 'tyre_advice', userId: 'user-1' }, async (scope) => {
  await anthropic.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 200, messages });
  await trackContext({ useCaseStep: 'check' }, () =>
    openai.chat.completions.create({ model: 'gpt-4.1-mini', max_completion_tokens: 200, messages }),
  );
  check(getContext() === scope, 'getContext is the scope');
  const costs = scope.calls.map(({ model, costNanoUsd }) => `${model}: ${costNanoUsd} nano-USD`);
  console.log(costs.join(', '));
  check(scope.calls.length === 2 && scope.calls.every(({ costNanoUsd }) => (costNanoUsd ?? 0n) > 0n), 'both cost');
  return scope.useCase?.id ?? '';
});
await payi.recordKpi('tyre_advice', instanceId, 'user_satisfaction', true);

const refused = await trackContext({ useCaseName: 'too_dear' }, () =>
  anthropic.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 200, messages }).catch((error) => error),
);
check(refused instanceof TrailmeterError && refused.code === 'limit_reached', 'the limit refuses Anthropic');
const also = await trackContext({ useCaseName: 'too_dear' }, () =>
  openai.chat.completions
    .create({ model: 'gpt-4.1-mini', max_completion_tokens: 200, messages })
    .catch((error) => error),
);
check(also.status === 402 && also.code === 'limit_reached', 'the limit refuses OpenAI');

check((await payi.close()) === 0, 'Pay-i has every event');
const names = [];
for await (const { name } of rest.definitions.list()) names.push(name);
check(names.includes('tyre_advice'), 'Pay-i has the use case');
