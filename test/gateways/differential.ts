import fc from 'fast-check';
import { requestsOfSdk } from '../model/sdk-requests.ts';
import { until } from '../support/recording.ts';
import { startAnthropicGateway } from './anthropic-gateway.ts';
import { besides } from './besides.ts';
import { billDifferences } from './bill.ts';
import { type Asked, type Comparison, compareAll, type Sides, startPair } from './compare.ts';
import { GATEWAY_KEY, gatewaySettings } from './serve.ts';

/**
 * Sends generated requests straight to one model stand-in and through the gateway to another one with the same seed, and compares
 * what comes back; then the tokens of the usage events with what the stand-in would bill.
 */
export async function compareAnthropicGateway(count: number, seed: number): Promise<Comparison> {
  const pair = await startPair();
  const door = await startAnthropicGateway();
  door.settings = gatewaySettings({ ANTHROPIC_BASE_URL: pair.behind.url });
  try {
    const sides: Sides = {
      ...pair,
      direct: { url: `${pair.straight.url}/v1`, headers: { 'x-api-key': 'provider-secret', ...version } },
      passed: { url: `${door.url}/anthropic/v1`, headers: { 'x-api-key': GATEWAY_KEY, ...version } },
      compared: ['content-type', 'request-id', 'retry-after', 'x-should-retry'],
    };
    const result = await compareAll(fc.sample(askedOf(), { numRuns: count, seed }), seed, sides);
    // Events of clients that left come behind them.
    const reported = () => new Set(door.record.events.map(({ providerResponseId }) => providerResponseId));
    const answers = () => pair.behind.calls().filter(({ bill }) => bill !== undefined);
    await until(() => answers().every(({ responseId = '' }) => reported().has(responseId)));
    result.differences.push(...billDifferences(answers(), door.record.events));
    return result;
  } finally {
    await Promise.all([door.close(), pair.close()]);
  }
}

const version = { 'anthropic-version': '2023-06-01' };

const askedOf = (): fc.Arbitrary<Asked> =>
  fc
    .record({
      request: requestsOfSdk(['thread', 'billing_policy']),
      path: fc.constantFrom('messages', 'messages', 'messages', 'messages/count_tokens'),
      stream: fc.boolean(),
      beside: fc.constantFrom(...besides),
      leaves: fc.nat(19).map((turn) => turn === 0),
      spoil: fc.constantFrom({}, {}, {}, {}, { model: 'claude-unheard-of' }, { messages: [] }, { max_tokens: 'many' }),
    })
    .map(({ request, path, stream, beside, spoil, leaves }) => ({
      path: `/${path}`,
      body: JSON.stringify({ ...request, stream, ...beside, ...spoil }),
      leaves: leaves && stream && path === 'messages' && Object.keys(spoil).length === 0,
    }));
