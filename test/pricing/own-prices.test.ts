import { afterEach, describe, expect, test } from 'vitest';
import { decodeSettings } from '../../shared/config/decode.ts';
import { settingsSchema } from '../../shared/config/settings.ts';
import { shownSettings } from '../../shared/config/shown-settings.ts';
import { ownPriceRows, useOwnPrices } from '../../shared/pricing/own-prices.ts';
import { findPrices, pricedModel, pricedModels } from '../../shared/pricing/price-book.ts';
import { priceUnits } from '../../shared/pricing/price-units.ts';
import { upperPrice } from '../../shared/pricing/upper-price.ts';

afterEach(() => useOwnPrices([]));

const contract = {
  provider: 'anthropic',
  models: ['claude-sonnet-5-5'],
  source: 'contract 2026-07',
  from: '2026-11-01',
  until: '2026-12-01',
  prices: { input: 1.5, output: 7.5 },
};
const read = (...rows: unknown[]) => settingsSchema.parse({ MODEL_PRICES: JSON.stringify(rows) }).MODEL_PRICES;
const at = (day: string) => Date.parse(`${day}T00:00:00Z`);
const units = { text: { input: 1_000, output: 100 } };
const costOn = (day: string, model = 'claude-sonnet-5-5') => priceUnits({ model, units, atMs: at(day) });

describe('an own row', () => {
  test('counts while it is in force, before that of the book', () => {
    useOwnPrices(read(contract));
    expect(['2026-10-31', '2026-11-01', '2026-11-30', '2026-12-01'].map((day) => costOn(day))).toEqual([
      3_000_000n,
      2_250_000n,
      2_250_000n,
      3_000_000n,
    ]);
    // However its id is written, and in the bound of a call too.
    expect(costOn('2026-11-20', 'us.anthropic.claude-sonnet-5-5-20260928-v1:0')).toBe(2_250_000n);
    expect(upperPrice('claude-sonnet-5-5', at('2026-11-20'))?.output).toBe(7_500_000n);
  });

  test('that does not name a price leaves the cost of a call that used it unknown', () => {
    useOwnPrices(read(contract));
    const cached = { ...units, text_cache_read: { input: 1_000, output: 0 } };
    const atMs = at('2026-11-20');
    expect(priceUnits({ model: 'claude-sonnet-5-5', units: cached, atMs })).toBeNull();
    expect(priceUnits({ model: 'claude-sonnet-5-5', units, atMs, modifiers: ['fast'] })).toBeNull();
  });

  test('has the price of its endpoint, unless it names what endpoints add', () => {
    const atMs = at('2026-11-20');
    const regional = () => priceUnits({ model: 'claude-sonnet-5-5', units, atMs, modifiers: ['regional'] });
    useOwnPrices(read(contract));
    expect(regional()).toBe(2_250_000n);
    expect(upperPrice('claude-sonnet-5-5', atMs, { surcharge: 'gov' })?.output).toBe(7_500_000n);
    useOwnPrices(read({ ...contract, modifiers: { regional: 1.05 } }));
    expect(regional()).toBe(2_362_500n);
  });

  test('gives a deployment its price, and other models keep theirs', () => {
    expect(pricedModel('trails-2026-01-01')).toBeUndefined();
    const before = costOn('2026-11-20', 'gpt-4o');
    useOwnPrices(read({ ...contract, models: ['trails-2026-01-01', 'gpt-4o-2030-01-01'] }));
    expect(pricedModel('trails')).toBe('trails-2026-01-01');
    expect(costOn('2026-11-20', 'trails-2026-01-01')).toBe(2_250_000n);
    expect(costOn('2027-01-01', 'trails-2026-01-01')).toBeNull();
    expect(costOn('2026-11-20', 'gpt-4o')).toBe(before);
    expect(costOn('2026-11-20', 'gpt-4o-2030-01-01')).toBe(2_250_000n);
    expect(costOn('2027-01-01', 'gpt-4o-2030-01-01')).toBe(before);
    expect(pricedModels('anthropic')).toContain('trails-2026-01-01');
    useOwnPrices([]);
    expect(findPrices('trails-2026-01-01', at('2026-11-20'))).toBeUndefined();
  });

  test('has a band for long prompts', () => {
    const above = { promptTokens: 1_000, prices: { input: 3, output: 15 } };
    useOwnPrices(read({ ...contract, above }));
    expect(costOn('2026-11-20')).toBe(2_250_000n);
    expect(priceUnits({ model: 'claude-sonnet-5-5', units: { text: { input: 1_001 } }, atMs: at('2026-11-20') })).toBe(
      3_003_000n,
    );
  });
});

describe('the setting', () => {
  test.each<[unknown[], RegExp]>([
    [[{ ...contract, source: undefined }], /source/],
    [[{ ...contract, prices: { input: -1 } }], /prices\.input/],
    [[{ ...contract, prices: { inputs: 1 } }], /inputs/],
    [[{ ...contract, prices: { input: 0.0000015 } }], /6 decimals/],
    [[{ ...contract, until: '2026-11-01' }], /"from" before "until"/],
    [[{ ...contract, models: [] }], /models/],
    [[contract, { ...contract, from: '2026-11-30', until: undefined }], /another row has it/],
  ])('%j is refused', (rows, says) => {
    expect(() => decodeSettings({ MODEL_PRICES: JSON.stringify(rows) })).toThrow(says);
  });

  test('two rows may follow each other', () => {
    expect(read(contract, { ...contract, from: '2026-12-01', until: undefined })).toHaveLength(2);
  });

  const of = (model: string, from?: string, until?: string) => ({
    ...{ ...contract, models: [model, `${model}-own`], from, until },
  });
  test.each([
    ['after each other, the later one first', of('a', '2026-02-01'), of('a', undefined, '2026-02-01'), true],
    ['of other models at once', of('a'), of('b'), true],
    ['of one model at once', of('a'), of('a'), false],
    ['one of which never ends', of('a', '2026-01-01'), of('a', '2026-02-01', '2026-03-01'), false],
    ['one of which never began', of('a', undefined, '2026-03-01'), of('a', '2026-02-01'), false],
    ['of which only one model is the same', of('a'), { ...of('b'), models: ['x', 'a'] }, false],
    ['with a day between them', of('a', '2026-01-01', '2026-02-01'), of('a', '2026-02-02', '2026-03-01'), true],
  ])('two rows %s', (_name, one, other, isLegal) => {
    if (isLegal) expect(read(one, other)).toHaveLength(2);
    else expect(() => read(one, other)).toThrow('another row has it');
  });

  test('names the row that is wrong, in plain words', () => {
    const { error } = ownPriceRows.safeParse([contract, { ...contract, source: 7 }, contract]);
    expect(error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
      ['1.source', expect.not.stringMatching(/^Invalid input/)],
    ]);
    const twice = ownPriceRows.safeParse([contract, contract]).error;
    expect(twice?.issues.map(({ path }) => path)).toEqual([[1]]);
  });

  test('takes a row without a beginning or an end', () => {
    expect(read({ ...contract, from: undefined }, { ...contract, from: '2026-12-01', until: undefined })).toHaveLength(
      2,
    );
  });

  test('is shown to admins', () => {
    const settings = settingsSchema.parse({ MODEL_PRICES: JSON.stringify([contract]) });
    const shown = shownSettings(settings).find(({ name }) => name === 'MODEL_PRICES');
    expect(shown).toMatchObject({ state: 'set', value: expect.stringContaining('"output":7.5') });
  });
});
