// The same by CommonJS, with a stream.
const { Anthropic } = require('@anthropic-ai/sdk');
const { payiInstrument, trackContext } = require('trailmeter-library');

async function main() {
  const payi = payiInstrument({ apiKey: process.env.PAYI_API_KEY ?? '', baseUrl: process.env.PAYI_BASE_URL });
  const anthropic = new Anthropic(payi.anthropic());
  await trackContext({ useCaseName: 'tyre_advice', userId: 'user-2' }, async (scope) => {
    const stream = anthropic.messages.stream({
      model: 'claude-sonnet-5-5',
      max_tokens: 200,
      messages: [{ role: 'user', content: 'Which tyres suit slickrock?' }],
    });
    for await (const event of stream) if (event.type === 'message_stop') console.log('the answer has ended');
    const [call] = scope.calls;
    if (call?.outcome !== 'succeeded' || !call.costNanoUsd) throw new Error('the call was not metered');
    console.log(`${call.model}: ${call.costNanoUsd} nano-USD in ${call.latencyMs} ms`);
  });
  if ((await payi.close()) > 0) throw new Error('Pay-i does not have every event');
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
