import fc from 'fast-check';
import { requestsOfSdk } from '../model/sdk-requests.ts';
import { type BatchWorld, openBatchWorld } from './batch-gateway.ts';
import { besides } from './besides.ts';
import { billDifferences } from './bill.ts';
import type { Comparison } from './compare.ts';
import { GATEWAY_KEY } from './serve.ts';

const HOUR = 3_600_000;
/** Requests of one batch. */
const PER_BATCH = 20;
const version = { 'anthropic-version': '2023-06-01' };

type BatchRequest = { custom_id: string; params: Record<string, unknown> };

/** Where one side's batches are. */
interface Side {
  url: string;
  key: string;
  /** What the gateway asks for before it passes results, so that both stand-ins have the same requests to count. */
  before: readonly string[];
}

/**
 * The same for batches: generated requests in batches straight to one stand-in and through the gateway to another. Every fourth batch is
 * cancelled half-way. Results are compared byte for byte, and what is metered with the stand-in's bill.
 */
export async function compareBatches(count: number, seed: number): Promise<Comparison> {
  const [straight, behind] = await Promise.all([openBatchWorld([], 'same'), openBatchWorld([], 'same')]);
  const result: Comparison = { requests: count, statuses: {}, differences: [] };
  try {
    const process = await behind.start({ RATE_PER_CALLER: '0', RATE_PER_KEY: '0' });
    const direct: Side = { url: `${straight.model.url}/v1`, key: 'provider-secret', before: ['', '/results'] };
    const passed: Side = { url: `${process.url}/anthropic/v1`, key: GATEWAY_KEY, before: [] };
    const requests = fc.sample(requestsInBatches, { numRuns: count, seed });
    for (let at = 0; at < count; at += PER_BATCH) {
      const batch = requests.slice(at, at + PER_BATCH).map((params, place) => ({ custom_id: `r-${place}`, params }));
      const isCancelled = (at / PER_BATCH) % 4 === 3;
      const outcomes = await Promise.all([
        runBatch(direct, batch, isCancelled, straight),
        runBatch(passed, batch, isCancelled, behind),
      ]);
      const [{ status }] = outcomes;
      result.statuses[status] = (result.statuses[status] ?? 0) + batch.length;
      if (JSON.stringify(outcomes[0]) !== JSON.stringify(outcomes[1]))
        result.differences.push(`batch from request ${at} of seed ${seed}: ${outcomes.map(shortened).join(' / ')}`);
    }
    const events = behind.published.map(({ event }) => event);
    if (new Set(events.map(({ eventId }) => eventId)).size < events.length)
      result.differences.push('events were published twice');
    result.differences.push(...billDifferences(behind.model.calls(), events));
    return result;
  } finally {
    await Promise.all([straight.close(), behind.close()]);
  }
}

const requestsInBatches = fc
  .tuple(requestsOfSdk(['thread', 'billing_policy']), fc.constantFrom(...besides))
  .map(([request, beside]) => ({ ...request, ...beside }));

interface Ran {
  status: number;
  /** The lines of the results, or the answer that refused the batch. */
  text: string;
}

async function runBatch(side: Side, requests: BatchRequest[], isCancelled: boolean, world: BatchWorld): Promise<Ran> {
  const headers = { 'x-api-key': side.key, 'content-type': 'application/json', ...version };
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${side.url}/messages/batches${path}`, { headers, ...init });
    return { status: answer.status, text: await answer.text() };
  };
  const made = await ask('', { method: 'POST', body: JSON.stringify({ requests }) });
  if (made.status !== 200) return made;
  const { id } = JSON.parse(made.text) as { id: string };
  world.clock.move(HOUR / 2);
  if (isCancelled) await ask(`/${id}/cancel`, { method: 'POST' });
  world.clock.move(HOUR / 2);
  for (const path of side.before) await ask(`/${id}${path}`);
  const { status, text } = await ask(`/${id}/results`);
  // Until when a container lives depends on the clocks of the two stand-ins.
  return { status, text: text.replaceAll(/"expires_at":"[^"]*"/g, '"expires_at":""') };
}

const shortened = ({ status, text }: Ran): string => `${status} ${text.slice(0, 200)}`;
