import fc from 'fast-check';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { emptyUsage, mergeUsage, toUnits } from '../../shared/model/usage/usage.ts';
import { requestsOfSdk } from '../model/sdk-requests.ts';
import { startAnthropicGateway } from './anthropic-gateway.ts';
import { GATEWAY_KEY, gatewaySettings } from './serve.ts';

export interface Comparison {
  requests: number;
  /** How many requests got each status. */
  statuses: Record<number, number>;
  /** What was not the same, in words. */
  differences: string[];
}

/** Headers of an answer that a client reads. */
const compared = ['content-type', 'request-id', 'retry-after', 'x-should-retry'];

interface Asked {
  path: string;
  body: string;
}

interface Got {
  status: number;
  headers: (string | null)[];
  bytes: string;
}

async function ask(url: string, key: string, { path, body }: Asked): Promise<Got> {
  const answer = await fetch(`${url}/v1/${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01' },
  });
  return {
    status: answer.status,
    headers: compared.map((name) => answer.headers.get(name)),
    bytes: Buffer.from(await answer.arrayBuffer()).toString('base64'),
  };
}

/**
 * Sends generated requests straight to one model stand-in and through the gateway to another one with the same seed, and compares
 * what comes back; then the tokens of the usage events with what the stand-in would bill.
 */
export async function compareGateway(count: number, seed: number): Promise<Comparison> {
  const startedMs = Date.now();
  const [straight, behind] = await Promise.all(
    [1, 2].map(() => startModel({ apiKey: 'provider-secret', seed: 'same', now: () => startedMs })),
  );
  if (!straight || !behind) throw new Error('No stand-ins.');
  const door = await startAnthropicGateway();
  door.settings = gatewaySettings({ ANTHROPIC_BASE_URL: behind.url });
  const result: Comparison = { requests: count, statuses: {}, differences: [] };
  try {
    for (const [index, asked] of fc.sample(askedOf(), { numRuns: count, seed }).entries()) {
      const direct = await ask(straight.url, 'provider-secret', asked);
      const passed = await ask(`${door.url}/anthropic`, GATEWAY_KEY, asked);
      result.statuses[direct.status] = (result.statuses[direct.status] ?? 0) + 1;
      for (const part of ['status', 'headers', 'bytes'] as const)
        if (JSON.stringify(direct[part]) !== JSON.stringify(passed[part]))
          result.differences.push(
            `request ${index} of seed ${seed}: ${part} differ (${direct.status}, ${passed.status})`,
          );
    }
    result.differences.push(...billDifferences(behind, door.record.events));
    return result;
  } finally {
    await Promise.all([door.close(), straight.close(), behind.close()]);
  }
}

const askedOf = (): fc.Arbitrary<Asked> =>
  fc
    .record({
      request: requestsOfSdk(['thread', 'billing_policy']),
      path: fc.constantFrom('messages', 'messages', 'messages', 'messages/count_tokens'),
      stream: fc.boolean(),
      spoil: fc.constantFrom({}, {}, {}, {}, { model: 'claude-unheard-of' }, { messages: [] }, { max_tokens: 'many' }),
    })
    .map(({ request, path, stream, spoil }) => ({ path, body: JSON.stringify({ ...request, stream, ...spoil }) }));

/** Calls whose event does not have the tokens of the stand-in's own usage. */
function billDifferences(
  model: ModelStandIn,
  events: readonly { providerResponseId: string; units: object }[],
): string[] {
  const reported = new Map(events.map(({ providerResponseId, units }) => [providerResponseId, sumOf(units)]));
  return model.calls().flatMap(({ path, usage, responseId = '' }) => {
    if (path !== '/v1/messages' || !usage) return [];
    const billed = sumOf(toUnits(mergeUsage(emptyUsage, usage)));
    const got = reported.get(responseId);
    return got === billed ? [] : [`${responseId}: ${billed} units billed, ${got ?? 'none'} reported`];
  });
}

const sumOf = (units: object): number =>
  Object.values(units as Record<string, { input?: number; output?: number }>).reduce(
    (sum, { input = 0, output = 0 }) => sum + input + output,
    0,
  );
