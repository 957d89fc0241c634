import fc from 'fast-check';
import type { ModelStandIn } from '../../infra/local/model/src/server.ts';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import { emptyUsage, mergeUsage, toUnits } from '../../shared/model/usage/usage.ts';
import { requestsOfSdk } from '../model/sdk-requests.ts';
import { until } from '../support/recording.ts';
import { startAnthropicGateway } from './anthropic-gateway.ts';
import { type Asked, type Comparison, compareAll, type Sides, startPair, sumOf } from './compare.ts';
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
    const answered = () => door.record.events.filter(({ outcome }) => outcome !== 'failed').length;
    await until(() => answered() >= answersOf(pair.behind).length);
    result.differences.push(...billDifferences(pair.behind, door.record.events));
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
      leaves: fc.nat(19).map((turn) => turn === 0),
      spoil: fc.constantFrom({}, {}, {}, {}, { model: 'claude-unheard-of' }, { messages: [] }, { max_tokens: 'many' }),
    })
    .map(({ request, path, stream, spoil, leaves }) => ({
      path: `/${path}`,
      body: JSON.stringify({ ...request, stream, ...spoil }),
      leaves: leaves && stream && path === 'messages' && Object.keys(spoil).length === 0,
    }));

const answersOf = (model: ModelStandIn) => model.calls().filter(({ path, usage }) => path === '/v1/messages' && usage);

/** Calls whose event does not have the tokens of the stand-in's own usage; of one that a client left, those of its first event. */
function billDifferences(model: ModelStandIn, events: readonly UsageEvent[]): string[] {
  const reported = new Map(events.map((event) => [event.providerResponseId, event]));
  return answersOf(model).flatMap(({ usage, responseId = '' }) => {
    const event = reported.get(responseId);
    const got = event && sumOf(event.units);
    const used = mergeUsage(emptyUsage, usage);
    const billed = sumOf(toUnits(used));
    if (event?.unitsEstimated) {
      const isRight = event.outcome === 'aborted' && sumOf(event.units) >= (used.input ?? 0);
      return isRight ? [] : [`${responseId}: ${event.outcome} at ${got} units, ${used.input} of its prompt are billed`];
    }
    return got === billed ? [] : [`${responseId}: ${billed} units billed, ${got ?? 'none'} reported`];
  });
}
