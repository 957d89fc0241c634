import { afterEach, describe, expect, test } from 'vitest';
import { type RequestShape, readMessagesShape } from '../../shared/model/request/request-shape.ts';
import { useOwnPrices } from '../../shared/pricing/own-prices.ts';
import { exactBound } from '../../shared/tracking/holds/bound.ts';
import { boundParts, largestMember } from '../../shared/tracking/holds/bound-parts.ts';
import { explainBound } from '../../shared/tracking/holds/explain-bound.ts';
import { fittingChanges } from '../../shared/tracking/holds/fitting-changes.ts';

/** claude-sonnet-5-5 in the US zone: 2.75 USD a million tokens of input, and 11 of output. */
const atMs = Date.UTC(2026, 10, 23);
const [INPUT, OUTPUT] = [2_750n, 11_000n];
const WINDOW = 1_000_000n;
const shape: RequestShape = {
  ...readMessagesShape({ model: 'claude-sonnet-5-5', max_tokens: 100, messages: [] }),
  textBytes: 500,
  bytesByMember: new Map([
    ['system', 100],
    ['messages', 300],
  ]),
};
const changed = (more: Partial<RequestShape>): RequestShape => ({ ...shape, ...more });
const fallback = { model: 'claude-sonnet-5-5', maxTokens: 50, fast: false, uses: 1, member: 'fallbacks' as const };
const advisor = { ...fallback, uses: 3, member: 'tools' as const };
const parts = (more: Partial<RequestShape> = {}, counted?: number) =>
  boundParts(changed(more), 'usd', atMs, counted).map(({ member, amount }) => [member, amount]);
const said = (more: Partial<RequestShape> = {}, counted?: number) =>
  boundParts(changed(more), 'usd', atMs, counted).map(({ why }) => why);
const answer = ['max_tokens', 100n * OUTPUT];

describe('the parts of a bound', () => {
  test('are the members by their bytes, and the answer', () => {
    expect(parts()).toEqual([['system', 100n * INPUT], ['messages', 300n * INPUT], answer]);
    expect(said()[0]).toMatch(/100 bytes/);
    expect(said()[2]).toBe('The answer can have 100 tokens, as max_tokens or its absence says.');
    expect(said({ output: { name: 'max_tokens', times: 2, rest: 0 } })[2]).toMatch(/^2 answers can/);
  });

  test('are in the share that the window leaves of them', () => {
    const long = { textBytes: 1_999_000, bytesByMember: new Map([['messages', 1_000_000]]) };
    expect(parts(long)).toEqual([['messages', 500_000n * INPUT], answer]);
  });

  test('have pictures, in the messages or the input', () => {
    const pictures = [['messages', 2n * 4_784n * INPUT], answer];
    expect(parts({ images: 2 }).slice(2)).toEqual(pictures);
    expect(parts({ images: 2, bytesByMember: new Map([['input', 1]]) })[1]).toEqual(['input', 2n * 4_784n * INPUT]);
    expect(said({ images: 2 })[2]).toMatch(/2 images of up to 4784 tokens/);
  });

  test('are one for a prompt that was counted', () => {
    expect(parts({}, 1_000)).toEqual([['messages', 1_000n * INPUT], answer]);
    expect(said({}, 1_000)[0]).toMatch(/1000 tokens, as the provider counts/);
    expect(parts({}, 2_000_000)[0]).toEqual(['messages', WINDOW * INPUT]);
  });

  test('are one for what is not in the request', () => {
    expect(parts({ opaqueBy: ['container', 'thread'] })).toEqual([['container, thread', WINDOW * INPUT], answer]);
    expect(said({ opaqueBy: ['container'] })[0]).toMatch(/whole context window of 1000000 tokens/);
    expect(parts({ opaqueBy: ['container'] }, 1_000)[0]).toEqual(['messages', 1_000n * INPUT]);
  });

  test('are the turns of tools of the provider, and searches', () => {
    const search = { serverTools: ['web_search_20250305'], webSearches: 3 };
    expect(parts(search)).toEqual([['tools', 10n * WINDOW * INPUT], answer, ['tools', 30_000_000n]]);
    expect(said(search)[0]).toMatch(/web_search_20250305 in up to 10 turns/);
    expect(said(search)[2]).toMatch(/3 web searches/);
    expect(parts({ serverTools: ['mcp'] })[0]?.[0]).toBe('mcp_servers');
  });

  test('have a summary, which costs as much again', () => {
    const all = 400n * INPUT + 100n * OUTPUT;
    expect(parts({ compactsBy: 'compaction' }).at(-1)).toEqual(['compaction', all]);
  });

  test('have other models, with prompt, answers and searches', () => {
    expect(parts({ others: [fallback] }).at(-1)).toEqual(['fallbacks', 1_500n * INPUT + 50n * OUTPUT]);
    expect(parts({ others: [advisor] }, 1_000).at(-1)).toEqual(['tools', 1_000n * INPUT + 150n * OUTPUT]);
    const searching = { serverTools: ['web_search_20250305'], webSearches: 3, others: [fallback] };
    expect(parts(searching).at(-1)?.[1]).toBe(10n * WINDOW * INPUT + 50n * OUTPUT + 30_000_000n);
    expect(said({ others: [{ ...fallback, model: '' }] }).at(-1)).toMatch(
      /^Another model may answer too: 1 times up to 50/,
    );
  });

  test('are at the dearest price where the model has none', () => {
    const [system] = parts({ model: 'unheard-of' });
    expect(system?.[1]).toBeGreaterThan(100n * INPUT);
  });
});

describe('the parts of a bound in another unit', () => {
  const inUnit = (unit: Parameters<typeof boundParts>[1], more: Partial<RequestShape> = {}) =>
    boundParts(changed(more), unit, atMs).map(({ member, amount }) => [member, amount]);
  const ofTokens = (system: bigint, messages: bigint, answer: bigint) => [
    ['system', system],
    ['messages', messages],
    ['max_tokens', answer],
  ];

  test('are tokens', () => {
    expect(inUnit('tokens')).toEqual(ofTokens(100n, 300n, 100n));
    expect(inUnit('input_tokens')).toEqual(ofTokens(100n, 300n, 0n));
    expect(inUnit('output_tokens')).toEqual(ofTokens(0n, 0n, 100n));
  });

  test('are pictures', () => {
    expect(boundParts(changed({ images: 2 }), 'images', atMs)).toEqual([
      { member: 'messages', why: 'It has 2 images.', amount: 2n },
    ]);
  });

  test('are searches, of other models too', () => {
    const searches = inUnit('web_searches', { webSearches: 3, others: [fallback] });
    expect(searches.filter(([, amount]) => amount !== 0n)).toEqual([
      ['tools', 3n],
      ['fallbacks', 3n],
    ]);
  });
});

test('the parts add up to the bound in fast mode too', () => {
  const fast = { model: 'claude-opus-5-5', fast: true };
  const sum = parts(fast, 1_050).reduce((total, [, amount]) => total + BigInt(amount ?? 0), 0n);
  expect(sum).toBe(exactBound(changed(fast), atMs, 1_000));
  expect(sum).toBeGreaterThan(exactBound(changed({ ...fast, fast: false }), atMs, 1_000));
});

describe('sound, of a model with prices for it', () => {
  const prices = { input: 2, output: 10, audioInput: 6, audioOutput: 20 };
  const own = { api: 'openai', model: 'own', us: false } as const;
  const use = (more: object = {}) =>
    useOwnPrices([{ provider: 'openai', models: ['own'], source: 'contract', prices: { ...prices, ...more } }]);
  afterEach(() => useOwnPrices([]));

  test('is a part by its own tokens, and what it costs more than text', () => {
    use();
    expect(parts({ ...own, soundTokens: 100 }).slice(2)).toEqual([
      ['messages', 100n * 2_000n],
      ['max_tokens', 100n * 10_000n],
      ['messages', 100n * 4_000n],
    ]);
    expect(said({ ...own, soundTokens: 100 })[2]).toMatch(/100 tokens/);
    expect(parts({ ...own, soundTokens: 100 }, 40)).toContainEqual(['messages', 40n * 4_000n]);
  });

  test('costs nothing more where its price is not more', () => {
    use({ audioInput: 1, audioOutput: 1 });
    const cheap = parts({ ...own, soundTokens: 100, speaks: true });
    expect(cheap.reduce((sum, [, cost]) => sum + BigInt(cost ?? 0), 0n)).toBe(500n * 2_000n + 100n * 10_000n);
  });

  test('makes the answer dearer where that may be sound', () => {
    use();
    expect(parts({ ...own, speaks: true }).at(-1)).toEqual(['max_tokens', 100n * 20_000n]);
  });

  test('is bounded with it', () => {
    use();
    const bound = (more: Partial<RequestShape>) => exactBound(changed({ ...own, ...more }), atMs, 100);
    expect(bound({})).toBe(105n * 2_000n + 100n * 10_000n);
    expect(bound({ soundTokens: 50 })).toBe(105n * 2_000n + 50n * 4_000n + 100n * 10_000n);
    expect(bound({ soundTokens: 500 })).toBe(105n * 6_000n + 100n * 10_000n);
    expect(bound({ speaks: true })).toBe(105n * 2_000n + 100n * 20_000n);
  });
});

test('without any price there are no parts', () => {
  const impossible = {
    fast: true,
    soundTokens: 10,
    surcharge: 'gov' as const,
    api: 'openai' as const,
    model: 'unheard-of',
  };
  expect(parts(impossible)).toEqual([]);
  expect(
    parts({ others: [{ ...fallback, model: 'unheard-of' }], fast: true, surcharge: 'gov', soundTokens: 10 }),
  ).toEqual([]);
});

test('the member with most of the text', () => {
  expect(largestMember(shape)).toBe('messages');
  expect(largestMember(changed({ bytesByMember: new Map() }))).toBe('messages');
  expect(largestMember(changed({ bytesByMember: new Map([...shape.bytesByMember, ['tools', 301]]) }))).toBe('tools');
});

describe('changes that make a call fit', () => {
  /** Each thing that a request has costs 100, and each token of its answer 1. */
  const price = ({
    maxTokens,
    opaqueBy,
    serverTools,
    others,
    compactsBy,
    webSearches,
    textBytes,
  }: RequestShape): bigint =>
    BigInt(maxTokens + webSearches + (textBytes - 500)) +
    100n * BigInt(opaqueBy.length + serverTools.length + others.length + (compactsBy === undefined ? 0 : 1));
  const changes = (more: Partial<RequestShape>, left: bigint) =>
    fittingChanges(changed(more), left, price).map(({ member, change, value }) =>
      `${member} ${change} ${value ?? ''}`.trim(),
    );
  const named = { bytesByMember: new Map([['max_tokens', 3]]) };

  test.each<[string, Partial<RequestShape>, bigint, string[]]>([
    ['a shorter answer', named, 40n, ['max_tokens at_most 40']],
    ['the shortest answer', named, 1n, ['max_tokens at_most 1']],
    ['nothing fits', named, 0n, []],
    ['an answer of one token cannot be shorter', { ...named, maxTokens: 1 }, 1n, []],
    ['an answer without tokens', { ...named, maxTokens: 0 }, 100n, []],
    ['a member that is to be added is text too', { bytesByMember: new Map() }, 140n, ['max_tokens at_most 40']],
    [
      'a shorter answer than is allowed',
      { ...named, output: { name: 'max_tokens', times: 1, rest: 0, least: 41 } },
      40n,
      [],
    ],
    [
      'the shortest that is allowed',
      { ...named, output: { name: 'max_tokens', times: 1, rest: 0, least: 40 } },
      40n,
      ['max_tokens at_most 40'],
    ],
    [
      'each of several answers',
      { ...named, output: { name: 'max_tokens', times: 3, rest: 7 } },
      40n,
      ['max_tokens at_most 11'],
    ],
    ['no container', { ...named, opaqueBy: ['container'] }, 100n, ['container leave_out']],
    ['no container, and not what is unknown', { ...named, opaqueBy: ['spare'], unknown: 'spare' }, 100n, []],
    ['no tools, nor their searches', { ...named, serverTools: ['a', 'b'], webSearches: 50 }, 100n, ['a, b leave_out']],
    ['no advisor', { ...named, serverTools: ['a'], others: [advisor] }, 100n, ['a leave_out']],
    ['no advisor, but fallbacks', { ...named, serverTools: ['a'], others: [advisor, fallback] }, 299n, ['a leave_out']],
    ['no fallbacks', { ...named, others: [fallback, fallback] }, 100n, ['fallbacks leave_out']],
    ['no fallbacks, but an advisor', { ...named, others: [fallback, advisor] }, 200n, ['fallbacks leave_out']],
    ['no summary', { ...named, compactsBy: 'compaction' }, 100n, ['compaction leave_out']],
    [
      'either',
      { ...named, compactsBy: 'compaction', opaqueBy: ['x'] },
      250n,
      ['max_tokens at_most 50', 'x leave_out', 'compaction leave_out'],
    ],
  ])('%s', (_name, more, left, expected) => {
    expect(changes(more, left)).toEqual(expected);
  });
});

describe('an explanation', () => {
  const explain = (more: Partial<RequestShape>, options: object = {}) =>
    explainBound(changed(more), { unit: 'usd', atMs, left: 0n, ...options });

  test('is by the count only where that is lower', () => {
    expect(explain({}, { countedTokens: 100 }).parts).toContainEqual(expect.objectContaining({ amount: 105n * INPUT }));
    const higher = explain({}, { countedTokens: 100_000 }).parts.map(({ member }) => member);
    expect(higher).toEqual(expect.arrayContaining(['messages', 'system']));
  });

  test('has what tools have cost where that is learned', () => {
    const search = { serverTools: ['web_search_20250305'] };
    const learned = explain(search, { tools: 5_000_000n }).parts;
    expect(learned).toContainEqual(expect.objectContaining({ member: 'web_search_20250305', amount: 5_000_000n }));
    expect(explain({}).parts.every(({ why }) => !why.includes('recently'))).toBe(true);
  });

  test('has server tools at what was learned, and otherwise at the window of each turn', () => {
    const search = { serverTools: ['web_search_20250305'], bytesByMember: new Map([['max_tokens', 1]]) };
    const left = 1_500n * INPUT + 50n * OUTPUT + 5_000_000n;
    const shorter = { member: 'max_tokens', change: 'at_most', value: 50 };
    const without = { member: 'web_search_20250305', change: 'leave_out' };
    const learned = explain(search, { tools: 5_000_000n, left });
    expect(learned.fits).toEqual([shorter, without]);
    expect(learned.parts.map(({ amount }) => amount)).not.toContain(10n * WINDOW * INPUT);
    const sound = explain(search, { left });
    expect(sound.fits).toEqual([without]);
    expect(sound.parts[0]).toMatchObject({ member: 'tools', amount: 10n * WINDOW * INPUT });
    expect(explain({}).parts.map(({ member }) => member)).not.toContain('');
  });

  test('says what fits by the lower of both bounds', () => {
    const by = (counted: number, left: bigint) =>
      explain({ bytesByMember: new Map([['max_tokens', 1]]) }, { countedTokens: counted, left }).fits;
    expect(by(100, 105n * INPUT + 50n * OUTPUT)).toEqual([{ member: 'max_tokens', change: 'at_most', value: 50 }]);
    expect(by(100_000, 1_500n * INPUT + 50n * OUTPUT)).toEqual([
      { member: 'max_tokens', change: 'at_most', value: 50 },
    ]);
  });
});
