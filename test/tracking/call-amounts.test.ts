import { describe, expect, test } from 'vitest';
import { type RequestShape, readMessagesShape } from '../../shared/model/request/request-shape.ts';
import {
  boundsItself,
  cheapBound,
  dearestModel,
  exactBound,
  inputBound,
  promptBytesBound,
  turnBound,
  withMargin,
} from '../../shared/tracking/holds/bound.ts';
import { boundAmounts, certainAmounts, inputAmounts, turnAmounts } from '../../shared/tracking/holds/call-amounts.ts';

/** claude-sonnet-5-5 in the US zone: 2.75 USD a million tokens of input, written to a cache too, and 11 of output. */
const atMs = Date.UTC(2026, 10, 23);
const [INPUT, OUTPUT] = [2_750n, 11_000n];
const WINDOW = 1_000_000;
const shape: RequestShape = {
  ...readMessagesShape({ model: 'claude-sonnet-5-5', max_tokens: 100, messages: [] }),
  textBytes: 500,
};
const changed = (more: Partial<RequestShape>): RequestShape => ({ ...shape, ...more });
const cost = (input: number, output: number) => BigInt(input) * INPUT + BigInt(output) * OUTPUT;
const other = { model: 'claude-sonnet-5-5', maxTokens: 50, fast: false, uses: 1, member: 'fallbacks' as const };

test.each<[string, Partial<RequestShape>, number]>([
  ['its bytes and what the API adds', {}, 1_500],
  ['pictures', { images: 2 }, 1_500 + 2 * 4_784],
  ['tools', { hasTools: true }, 3_500],
  ['toolsets', { hasTools: true, toolsets: 2 }, 17_500],
  ['sound', { soundTokens: 7 }, 1_507],
])('the tokens of a prompt: %s', (_name, more, tokens) => {
  expect(promptBytesBound(changed(more))).toBe(tokens);
});

test('what was counted has a margin of 5 %, rounded up', () => {
  expect([0, 1, 20, 100, 101].map(withMargin)).toEqual([0, 2, 21, 105, 107]);
});

describe('what a call can use', () => {
  const search = { serverTools: ['web_search_20250305'], webSearches: 3 };
  test.each<[string, Partial<RequestShape>, number | undefined, object, bigint]>([
    ['by its bytes', {}, undefined, { inputTokens: 1_500n, outputTokens: 100n, requests: 1n }, cost(1_500, 100)],
    ['as it was counted', {}, 1_000, { inputTokens: 1_050n, outputTokens: 100n }, cost(1_050, 100)],
    ['with what is not in it', { opaqueBy: ['container'] }, undefined, { inputTokens: 1_000_000n }, cost(WINDOW, 100)],
    ['counted all the same', { opaqueBy: ['a PDF'] }, 1_000, { inputTokens: 1_050n }, cost(1_050, 100)],
    ['beyond the window', { textBytes: 2_000_000 }, undefined, { inputTokens: 1_000_000n }, cost(WINDOW, 100)],
    ['with pictures', { images: 2 }, 100, { images: 2n, inputTokens: 105n }, cost(105, 100)],
    ['with another model', { others: [other] }, 1_000, { inputTokens: 2_100n, outputTokens: 150n }, cost(2_100, 150)],
    [
      'with one that may answer often',
      { others: [{ ...other, uses: 3 }] },
      1_000,
      { inputTokens: 2_100n, outputTokens: 250n },
      cost(2_100, 250),
    ],
    [
      'with a summary first',
      { compactsBy: 'compaction' },
      1_000,
      { inputTokens: 2_100n, outputTokens: 200n },
      cost(2_100, 200),
    ],
    [
      'with tools of the provider',
      search,
      1_000,
      { inputTokens: 10_000_000n, outputTokens: 100n, webSearches: 3n },
      cost(10 * WINDOW, 100) + 30_000_000n,
    ],
    [
      'with those, and another model',
      { ...search, others: [other] },
      undefined,
      { inputTokens: 20_000_000n, outputTokens: 150n, webSearches: 6n },
      cost(20 * WINDOW, 150) + 60_000_000n,
    ],
  ])('%s', (_name, more, counted, amounts, nanoUsd) => {
    expect(boundAmounts(changed(more), atMs, counted)).toMatchObject({ ...amounts, nanoUsd });
    const bound = counted === undefined ? cheapBound(changed(more), atMs) : exactBound(changed(more), atMs, counted);
    expect(bound).toBe(nanoUsd);
  });

  test('is certain but for what tools of the provider add', () => {
    const searching = changed(search);
    expect([boundsItself(shape), boundsItself(searching)]).toEqual([true, false]);
    const certain = {
      inputTokens: 1_500n,
      outputTokens: 100n,
      webSearches: 3n,
      nanoUsd: cost(1_500, 100) + 30_000_000n,
    };
    expect(certainAmounts(searching, atMs)).toMatchObject(certain);
    expect(certainAmounts(searching, atMs, 100)).toMatchObject({ inputTokens: 105n });
  });
});

test('one more turn reads the prompt and what was added, and nothing else', () => {
  const nothing = { outputTokens: 0n, requests: 0n, images: 0n, webSearches: 0n };
  expect(inputAmounts(5n, 7)).toEqual({ ...nothing, nanoUsd: 5n, inputTokens: 7n });
  expect(turnAmounts(shape, atMs, 200)).toEqual({ ...nothing, nanoUsd: cost(1_700, 0), inputTokens: 1_700n });
  expect(turnAmounts(changed({ textBytes: 2_000_000 }), atMs, 200)).toMatchObject({ inputTokens: 1_000_200n });
  expect(turnAmounts(changed({ opaqueBy: ['x'] }), atMs, 200)).toMatchObject({ inputTokens: 1_000_200n });
  expect(turnBound(changed({ opaqueBy: ['x'] }), atMs, 200)).toBe(cost(1_000_200, 0));
});

test('input is at the dearest price of the models that may read it', () => {
  const dear = { ...other, model: 'claude-opus-5-5' };
  const alone = inputBound(changed({ model: 'claude-opus-5-5' }), atMs, 1_000);
  expect(inputBound(shape, atMs, 1_000)).toBe(cost(1_000, 0));
  expect(inputBound(changed({ others: [dear] }), atMs, 1_000)).toBe(alone);
  expect(inputBound(changed({ model: 'claude-opus-5-5', others: [other] }), atMs, 1_000)).toBe(alone);
  expect(inputBound(changed({ model: 'unheard-of' }), atMs, 1_000)).toBeGreaterThan(alone);
});

test('the dearest model that could answer', () => {
  const costs: Record<string, bigint> = { 'gpt-4o': 9n, 'claude-opus-5-5': 5n, 'claude-sonnet-5-5': 7n };
  const priced = (model: string) => costs[model] ?? null;
  expect(dearestModel({ ...shape, api: 'messages' }, priced)).toBe('claude-sonnet-5-5');
  expect(dearestModel({ ...shape, api: 'openai' }, priced)).toBe('gpt-4o');
  expect(dearestModel(shape, () => null)).toBeUndefined();
});

test.each<[Partial<RequestShape>, bigint]>([
  [{ oneHourCache: true }, 4_400n * 105n + 100n * OUTPUT],
  [{ us: false }, 2_500n * 105n + 100n * 10_000n],
  [{ batch: true }, (INPUT * 105n + 100n * OUTPUT) / 2n],
  [{ surcharge: 'gov' }, 3_000n * 105n + 100n * 12_000n],
])('%j changes the price', (more, nanoUsd) => {
  expect(exactBound(changed(more), atMs, 100)).toBe(nanoUsd);
});

test('without a price for all that it asks for, the dearest factors of the book stand for it', () => {
  const sound: Partial<RequestShape> = { api: 'openai', model: 'unheard-of', speaks: true, us: false };
  const plain = exactBound(changed({ ...sound, us: true }), atMs, 100);
  const bound = (more: Partial<RequestShape>) => exactBound(changed({ ...sound, ...more }), atMs, 100);
  expect(bound({ surcharge: 'gov' })).toBe((plain * 120n + 99n) / 100n);
  expect(bound({ fast: true })).toBe((plain * 200n + 99n) / 100n);
  expect(bound({ fast: true, surcharge: 'gov' })).toBe((((plain * 200n + 99n) / 100n) * 120n + 99n) / 100n);
  const searching: Partial<RequestShape> = { ...sound, serverTools: ['web_search_20250305'], surcharge: 'gov' };
  expect(exactBound(changed(searching), atMs, 100)).toBeGreaterThan(bound({ surcharge: 'gov' }));
});

test('a speed without a price is held at a dearer one, never at 0', () => {
  expect(exactBound(changed({ fast: true }), atMs, 100)).toBeGreaterThan(exactBound(shape, atMs, 100));
  const impossible = changed({ fast: true, soundTokens: 10, surcharge: 'gov' });
  expect(exactBound({ ...impossible, api: 'openai' }, atMs, 100)).toBeGreaterThan(0n);
});
