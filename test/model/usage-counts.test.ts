import { describe, expect, test } from 'vitest';
import { readCount } from '../../shared/model/usage/count.ts';
import { readIterations } from '../../shared/model/usage/iterations.ts';
import { chatNames, readOpenAiUsage, responseNames } from '../../shared/model/usage/openai-usage.ts';
import { emptyUsage, mergeUsage, priceModifiers, toUnits, type Usage } from '../../shared/model/usage/usage.ts';

const MOST = 2_147_483_647;

describe('a count', () => {
  test.each([
    [undefined, null],
    [null, null],
    [0, { value: 0, readable: true }],
    [7, { value: 7, readable: true }],
    [MOST, { value: MOST, readable: true }],
    [MOST + 1, { value: 0, readable: false }],
    [-1, { value: 0, readable: false }],
    [-0.5, { value: -0, readable: false }],
    [1.2, { value: 2, readable: false }],
    ['12', { value: 12, readable: false }],
    ['0', { value: 0, readable: false }],
    [String(MOST), { value: MOST, readable: false }],
    [String(MOST + 1), { value: 0, readable: false }],
    ['-3', { value: 0, readable: false }],
    ['seven', { value: 0, readable: false }],
    [true, { value: 0, readable: false }],
    [['5'], { value: 0, readable: false }],
    [{}, { value: 0, readable: false }],
  ])('%j', (given, count) => {
    expect(readCount(given)).toEqual(count);
  });
});

describe('a usage on top of what is known', () => {
  const known: Usage = {
    ...emptyUsage,
    input: 10,
    output: 20,
    serviceTier: 'batch',
    servedBy: 'claude-opus-5-5',
    unreadable: ['output'],
  };

  test('a count that can be read is no longer unreadable, others stay so', () => {
    const both: Usage = { ...known, unreadable: ['input', 'output'] };
    expect(mergeUsage(both, { output_tokens: 30 })).toMatchObject({ input: 10, output: 30, unreadable: ['input'] });
    expect(mergeUsage(both, { cache_read_input_tokens: 1 }).unreadable).toEqual(['input', 'output']);
  });

  test('a count that cannot be read never lowers what is known', () => {
    expect(mergeUsage(known, { input_tokens: '4' })).toMatchObject({ input: 10, unreadable: ['output', 'input'] });
    expect(mergeUsage(known, { output_tokens: '50' })).toMatchObject({ output: 50, unreadable: ['output'] });
    expect(mergeUsage(emptyUsage, { output_tokens: '5' })).toMatchObject({ output: 5, unreadable: ['output'] });
  });

  test('what a compaction used comes on top, of a count that cannot be read too', () => {
    const iterations = [{ type: 'compaction', input_tokens: 100, output_tokens: 20 }];
    expect(mergeUsage(known, { input_tokens: '4', output_tokens: 5, iterations })).toMatchObject({
      input: 110,
      output: 25,
    });
    expect(mergeUsage(known, { input_tokens: MOST, iterations }).input).toBe(MOST);
  });

  test('who answered and by which tier: given replaces, absent and a number keep', () => {
    expect(mergeUsage(known, {})).toMatchObject({ serviceTier: 'batch', servedBy: 'claude-opus-5-5' });
    expect(mergeUsage(known, { service_tier: 7 }).serviceTier).toBe('batch');
    expect(mergeUsage(known, { service_tier: 'standard' }).serviceTier).toBe('standard');
    const iterations = [{ type: 'fallback_message', model: 'claude-haiku-5-5' }];
    expect(mergeUsage(known, { iterations }).servedBy).toBe('claude-haiku-5-5');
  });

  test('what other models used is kept until it is said again', () => {
    const advice = (output_tokens: number) => ({
      iterations: [{ type: 'advisor_message', model: 'claude-opus-5-5', input_tokens: 1, output_tokens }],
    });
    const first = mergeUsage(emptyUsage, advice(2));
    expect(mergeUsage(first, { output_tokens: 9 }).others).toMatchObject([{ output: 2 }]);
    expect(mergeUsage(first, advice(5)).others).toMatchObject([{ output: 5 }]);
  });
});

describe('iterations', () => {
  const counts = {
    input_tokens: 1,
    output_tokens: 2,
    cache_creation_input_tokens: 3,
    cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 5 },
    cache_read_input_tokens: 6,
  };
  const read = { input: 1, output: 2, cacheWrite: 3, cacheWrite5m: 4, cacheWrite1h: 5, cacheRead: 6 };
  const entry = (type: string, model?: unknown, more = {}) => ({ type, model, ...counts, ...more });

  const readOf = (iterations: unknown, totals: object = {}) => readIterations({ ...totals, iterations });

  test('compactions are added up', () => {
    const { compacted, others } = readOf([entry('compaction'), entry('message', 'a'), entry('compaction', 'b')]);
    expect(compacted).toEqual({ input: 2, output: 4, cacheWrite: 6, cacheWrite5m: 8, cacheWrite1h: 10, cacheRead: 12 });
    expect(others).toEqual([]);
  });

  test('an attempt that declined is apart once another model answered; the last one that did counts', () => {
    expect(readOf([entry('message', 'a')])).toMatchObject({ servedBy: null, others: [] });
    const answered = [entry('message', 'a'), entry('fallback_message', 'b'), entry('fallback_message', 'c')];
    expect(readOf(answered)).toMatchObject({
      servedBy: 'c',
      others: [
        { model: 'a', readable: true, ...read },
        { model: 'b', readable: true, ...read },
      ],
    });
  });

  test.each(['c', null])(
    'an earlier attempt of the model that answered (%s) is apart where the totals are too few',
    (name) => {
      const again = [entry('message', name), entry('fallback_message', 'c'), entry('message', 'c')];
      const total = (times: number) => ({
        input_tokens: times,
        output_tokens: 2 * times,
        cache_creation_input_tokens: 3 * times,
        cache_read_input_tokens: 6 * times,
      });
      expect(readOf(again, total(3)).others).toEqual([]);
      expect(readOf(again, total(2)).others).toMatchObject([{ model: name ?? undefined, input: 1 }]);
      expect(readOf([entry('fallback_message', 'no model name')]).servedBy).toBeNull();
    },
  );

  test('advice is always apart, and has no price where its model has no name', () => {
    const { others, servedBy } = readOf([entry('advisor_message', 'a'), entry('advisor_message', 'no name')]);
    expect(others).toEqual([
      { model: 'a', readable: true, ...read },
      { model: 'unknown', readable: true, ...read },
    ]);
    expect(servedBy).toBeNull();
  });

  test.each([
    ['input is missing', { input_tokens: undefined }, false],
    ['output is missing', { output_tokens: null }, false],
    ['input is a text', { input_tokens: '5' }, false],
    ['output is a text', { output_tokens: '5' }, false],
    ['caches are missing', { cache_creation_input_tokens: null, cache_read_input_tokens: undefined }, true],
    ['written is a text', { cache_creation_input_tokens: '5' }, false],
    ['read is negative', { cache_read_input_tokens: -5 }, false],
  ])('advice whose %s', (_name, more, readable) => {
    expect(readOf([entry('advisor_message', 'a', more)]).others).toMatchObject([{ readable }]);
  });

  test.each([undefined, null, {}, 'x', [null, 7, 'x']])('none: %j', (value) => {
    expect(readOf(value)).toMatchObject({ servedBy: null, others: [], compacted: { input: 0, output: 0 } });
  });
});

describe('a usage of OpenAI’s APIs', () => {
  const read = (usage: unknown, tier?: unknown) => readOpenAiUsage(usage, chatNames, tier);

  test('what was read from a cache and written to one is apart from the input', () => {
    const prompt_tokens_details = { cached_tokens: 30, cache_write_tokens: 20 };
    expect(read({ prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details })).toEqual({
      ...emptyUsage,
      ...{ input: 50, cacheRead: 30, cacheWrite: 20, output: 7, reasoning: null },
    });
  });

  test('parts are never more than the whole', () => {
    const details = { cached_tokens: 500, cache_write_tokens: 500 };
    expect(read({ prompt_tokens: 100, prompt_tokens_details: details })).toMatchObject({
      ...{ input: 0, cacheRead: 100, cacheWrite: 0 },
    });
    const written = { cached_tokens: 40, cache_write_tokens: 500 };
    expect(read({ prompt_tokens: 100, prompt_tokens_details: written })).toMatchObject({ input: 0, cacheWrite: 60 });
    const reasoning = { completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 9 } };
    expect(read(reasoning).reasoning).toBe(5);
    expect(read({ completion_tokens_details: { reasoning_tokens: 9 } }).reasoning).toBe(0);
    expect(read({ prompt_tokens_details: details })).toMatchObject({ input: null, cacheRead: 0, cacheWrite: 0 });
  });

  test('reasoning that only the total has counts as output', () => {
    expect(read({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 }).output).toBe(30);
    expect(read({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 12 }).output).toBe(5);
    expect(read({ completion_tokens: 5, total_tokens: 40 }).output).toBe(40);
    expect(read({ prompt_tokens: 10, completion_tokens: 5, total_tokens: '40' }).output).toBe(5);
    expect(read({ prompt_tokens: 10, total_tokens: 40 }).output).toBeNull();
  });

  test('each count that cannot be read is named, and parts that cannot be read count nothing', () => {
    const details = { cached_tokens: '3', cache_write_tokens: '4' };
    expect(read({ prompt_tokens: '10', completion_tokens: 1.5, prompt_tokens_details: details })).toMatchObject({
      ...{ input: 10, output: 2, cacheRead: 0, cacheWrite: 0, unreadable: ['input', 'output', 'cacheWrite'] },
    });
    expect(read({ completion_tokens: 5, completion_tokens_details: { reasoning_tokens: '2' } }).reasoning).toBeNull();
    expect(read({ prompt_tokens: 1, completion_tokens: 1 }).unreadable).toEqual([]);
  });

  test('the names of responses, the tier, and nothing at all', () => {
    const usage = { input_tokens: 9, output_tokens: 4, input_tokens_details: { cached_tokens: 2 } };
    expect(readOpenAiUsage(usage, responseNames, 'flex')).toMatchObject({
      ...{ input: 7, cacheRead: 2, output: 4, serviceTier: 'flex' },
    });
    expect(read(usage)).toMatchObject({ input: null, output: null, serviceTier: null });
    expect(read({}, 5).serviceTier).toBeNull();
    for (const none of [undefined, null, 'x', 7]) expect(read(none)).toMatchObject({ input: null, output: null });
  });
});

describe('units', () => {
  const usage = (more: Partial<Usage>): Usage => ({ ...emptyUsage, input: 10, output: 20, ...more });

  test('reasoning is apart from the output', () => {
    expect(toUnits(usage({ reasoning: 8 }))).toEqual({
      text: { input: 10, output: 12 },
      reasoning: { input: 0, output: 8 },
    });
    expect(toUnits(usage({ reasoning: 0 }))).toEqual({ text: { input: 10, output: 20 } });
  });

  test('what is written to caches and read from them counts for a large context', () => {
    const below = { cacheWrite: 150_000, cacheWrite5m: 100_000, cacheWrite1h: 50_000, cacheRead: 49_989 };
    expect(Object.keys(toUnits(usage(below)))).toContain('text');
    for (const name of ['cacheRead', 'cacheWrite'] as const)
      expect(Object.keys(toUnits(usage({ ...below, [name]: below[name] + 1 })))).toContain('text_large_context');
    expect(Object.keys(toUnits(usage({ input: 200_000 }), { largeContext: false }))).toEqual(['text']);
  });

  test('a total of writes, and a split with or without one', () => {
    const written = (more: Partial<Usage>) => {
      const { text_cache_write: five, text_cache_write_1h: hour } = toUnits(usage(more));
      return [five?.input, hour?.input];
    };
    expect(written({ cacheWrite5m: 6, cacheWrite1h: 4 })).toEqual([6, 4]);
    expect(written({ cacheWrite: 10, cacheWrite5m: 6, cacheWrite1h: 4 })).toEqual([6, 4]);
    expect(written({ cacheWrite: 3, cacheWrite5m: 6, cacheWrite1h: 4 })).toEqual([undefined, 3]);
    expect(written({ cacheWrite: 9, cacheWrite5m: 6, cacheWrite1h: 4 })).toEqual([5, 4]);
    expect(written({ cacheWrite: 12, cacheWrite5m: 6, cacheWrite1h: 4 })).toEqual([8, 4]);
  });
});

test.each([
  [{}, []],
  [{ speed: 'fast' }, ['fast']],
  [{ speed: 'standard', inferenceGeo: 'global', serviceTier: 'standard' }, []],
  [{ inferenceGeo: 'us' }, ['us']],
  [{ serviceTier: 'batch' }, ['batch']],
  [{ serviceTier: 'priority' }, ['priority']],
  [{ serviceTier: 'fast' }, ['priority']],
])('%j changes the price by %j', (usage, modifiers) => {
  expect(priceModifiers({ ...emptyUsage, ...usage })).toEqual(modifiers);
});
