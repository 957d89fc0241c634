import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { countTokensBody } from '../../shared/model/request/count-tokens.ts';
import { readMessagesShape } from '../../shared/model/request/request-shape.ts';
import { emptyUsage, mergeUsage, priceModifiers, toUnits } from '../../shared/model/usage/usage.ts';
import { priceUnits } from '../../shared/pricing/price-units.ts';
import { boundsItself, cheapBound, exactBound } from '../../shared/tracking/holds/bound.ts';
import { acceptable, valuesOf } from './sdk-requests.ts';
import { type Declared, readDeclared } from './sdk-types.ts';

const [declared] = readDeclared('@anthropic-ai/sdk', 'resources/beta/messages/messages.d.mts', [
  'MessageCreateParamsBase',
]);
if (declared?.kind !== 'object') throw new Error('The SDK declares no request.');
const { members } = declared;

/** What the stand-in bills by itself, and what a request always has. */
const fixed = ['model', 'max_tokens', 'messages', 'betas', 'user_profile_id', 'workspace_id', 'stream'];
const optional = Object.keys(members).filter((name) => !fixed.includes(name));
const models = ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5', 'claude-sonnet-4-5'];

const blocks = (list: Declared): Declared => {
  if (list.kind !== 'list' || list.of.kind !== 'union') throw new Error('messages are not a list of kinds of messages');
  const user = list.of.of.find(
    (kind) => kind.kind === 'object' && JSON.stringify(kind.members['role']?.type).includes('"user"'),
  );
  const content = user?.kind === 'object' && user.members['content']?.type;
  const items = content && content.kind === 'union' && content.of.find((one) => one.kind === 'list');
  if (!items) throw new Error('a user message has no list of blocks');
  return items;
};

const requests = fc
  .record({
    model: fc.constantFrom(...models),
    max_tokens: fc.constantFrom(1, 50, 400),
    content: valuesOf(blocks(members['messages']?.type as Declared)),
    names: fc.subarray(optional, { maxLength: 3 }),
    all: fc.record(Object.fromEntries(optional.map((name) => [name, valuesOf(members[name]?.type as Declared)]))),
  })
  .map(({ model, max_tokens, content, names, all }) =>
    acceptable({
      model,
      max_tokens,
      messages: [{ role: 'user', content: [...(content as object[]), { type: 'text', text: 'Which trail?' }] }],
      ...Object.fromEntries(names.map((name) => [name, all[name]])),
    }),
  );

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
  });
});
