// The same calls through a Trailmeter app, which limits, meters and reports them.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { payiInstrument, trackContext } from 'trailmeter-library';

const { TRAILMETER_URL = 'http://127.0.0.1:7071', TRAILMETER_KEY = '' } = process.env;
const payi = payiInstrument({ backend: { url: TRAILMETER_URL, key: TRAILMETER_KEY } });
const anthropic = new Anthropic(payi.anthropic());
const openai = new OpenAI(payi.openai());
/** @type {{ role: 'user', content: string }[]} */
const messages = [{ role: 'user', content: 'Which tyres suit slickrock?' }];

const options = { useCaseName: 'trail_finder', userId: 'user-3', useCaseProperties: { place: 'Zürich' } };
await trackContext(options, async ({ useCase }) => {
  const answer = await anthropic.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 200, messages });
  const other = await openai.chat.completions.create({ model: 'gpt-4.1-mini', max_completion_tokens: 200, messages });
  console.log(answer.model, other.model);
  await payi.recordKpi('trail_finder', useCase?.id ?? '', 'user_satisfaction', true);
});
await payi.close();
