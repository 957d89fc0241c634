import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { countTokensBody } from '../../shared/model/request/count-tokens.ts';
import { readMessagesShape } from '../../shared/model/request/request-shape.ts';
import { emptyUsage, mergeUsage, priceModifiers, toUnits } from '../../shared/model/usage/usage.ts';
import { priceUnits } from '../../shared/pricing/price-units.ts';
import { boundsItself, cheapBound, exactBound } from '../../shared/tracking/holds/bound.ts';
import { requestsOfSdk } from './sdk-requests.ts';

const requests = requestsOfSdk();

describe('requests of every member that the SDK knows', () => {
  let standIn: ModelStandIn;
  beforeAll(async () => {
    standIn = await startModel();
  });
  afterAll(() => standIn.close());

  const post = async (path: string, body: string) => {
    const answer = await fetch(`${standIn.url}/v1/${path}`, {
      method: 'POST',
      body,
      headers: { 'x-api-key': 'any', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'fast-mode-2026-02-01' },
    });
    return { ok: answer.ok, body: (await answer.json()) as Record<string, unknown> };
  };

  test('have a rule for each of them', () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(readMessagesShape(request).unknown).toBeUndefined();
      }),
      { numRuns: 300, seed: 20_261_123 },
    );
  });

  test('never cost more than their sound bound, by the own bill of the stand-in', async () => {
    let billed = 0;
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const atMs = Date.now();
        const answer = await post('messages', JSON.stringify(request));
        if (!answer.ok) return;
        billed += 1;
        const usage = mergeUsage(emptyUsage, answer.body['usage']);
        const model = String(request['model']);
        const cost = priceUnits({ units: toUnits(usage), atMs, modifiers: priceModifiers(usage), model });
        const shape = readMessagesShape(request);
        expect(cheapBound(shape, atMs)).toBeGreaterThanOrEqual(cost ?? 0n);
        if (!shape.countable || !boundsItself(shape)) return;
        const count = await post('messages/count_tokens', countTokensBody(request));
        expect(exactBound(shape, atMs, Number(count.body['input_tokens']))).toBeGreaterThanOrEqual(cost ?? 0n);
      }),
      { numRuns: 250, seed: 20_261_123 },
    );
    expect(billed).toBeGreaterThan(60);
  }, 120_000);
});
