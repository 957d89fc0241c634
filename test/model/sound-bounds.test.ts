import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { countTokensBody } from '../../shared/model/request/count-tokens.ts';
import { readMessagesShape } from '../../shared/model/request/request-shape.ts';
import { otherReadings, readMessage } from '../../shared/model/usage/answer-reading.ts';
import { priceModifiers, toUnits } from '../../shared/model/usage/usage.ts';
import { priceUnits } from '../../shared/pricing/price-units.ts';
import { boundsItself, cheapBound, exactBound } from '../../shared/tracking/holds/bound.ts';
import { besides } from '../gateways/besides.ts';
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
    let billedApart = 0;
    await fc.assert(
      fc.asyncProperty(requests, fc.constantFrom(...besides), async (asked, beside) => {
        const request = { ...asked, ...beside };
        const atMs = Date.now();
        const answer = await post('messages', JSON.stringify(request));
        if (!answer.ok) return;
        billed += 1;
        const reading = readMessage(answer.body);
        const others = otherReadings(reading);
        billedApart += others.length;
        const cost = [reading, ...others].reduce((sum, { usage, model = String(request['model']) }) => {
          const priced = priceUnits({ units: toUnits(usage), atMs, modifiers: priceModifiers(usage), model });
          return sum + (priced ?? 0n);
        }, 0n);
        const shape = readMessagesShape(request);
        expect(cheapBound(shape, atMs)).toBeGreaterThanOrEqual(cost);
        if (!shape.countable || !boundsItself(shape)) return;
        const count = await post('messages/count_tokens', countTokensBody(request));
        expect(exactBound(shape, atMs, Number(count.body['input_tokens']))).toBeGreaterThanOrEqual(cost);
      }),
      { numRuns: 250, seed: 20_261_123 },
    );
    expect(billed).toBeGreaterThan(60);
    expect(billedApart).toBeGreaterThan(20);
  });
});
