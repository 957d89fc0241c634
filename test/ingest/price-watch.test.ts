import { expect, test } from 'vitest';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import { createPriceWatch, sidePrices } from '../../shared/ingest/price-watch.ts';
import { ingestItem } from '../../shared/payi/ingest/ingest-item.ts';
import { modifiersIn, withModifiers } from '../../shared/pricing/modifier-property.ts';
import { manualClock, noting, usageEvent } from '../support/events.ts';

/** 1,000 tokens in for 0.002 USD, 100 out for 0.001. */
const event = (change: Partial<UsageEvent> = {}) =>
  usageEvent({ units: { text: { input: 1_000, output: 100 } }, ...change });
const cost = (input: number, output: number) => ({ input: { base: input }, output: { base: output } });

test.each<[string, UsageEvent, ReturnType<typeof cost> | undefined, number[]]>([
  ['equal prices', event(), cost(0.002, 0.001), [0, 0]],
  ['a rounded price', event(), cost(0.0020000004, 0.001), [0, 0]],
  ['a dearer output', event(), cost(0.002, 0.0011), [0, 0.1]],
  ['a model that Pay-i has no price for', event(), cost(0, 0), [-1, -1]],
  [
    'a modifier that Pay-i has no price for',
    event({ requestProperties: { price_modifiers: 'us' } }),
    cost(0.002, 0.001),
    [-1 / 11, -1 / 11],
  ],
  ['an answer without prices', event(), undefined, []],
  ['a model that has no price here', event({ resource: 'claude-unheard-of' }), cost(0.1, 0.1), []],
  ['input only', event({ units: { text: { input: 1_000 } } }), cost(0.002, 0), [0]],
])('%s', (_, given, payi, shares) => {
  const found = sidePrices(given, payi).map(({ share }) => share);
  expect(found).toEqual(shares.map((share) => expect.closeTo(share, 6)));
});

test('a difference above 1 % is said once an hour for the same units and modifiers, and measured each time', () => {
  const clock = manualClock();
  const telemetry = noting();
  const watch = createPriceWatch(clock, telemetry);
  const said = () => telemetry.notes.filter((note) => note.event === 'price-differs').map(({ fields }) => fields);
  watch.compare(event(), cost(0.00201, 0.001005));
  watch.compare(event(), cost(0.00201, 0.0011));
  watch.compare(event(), cost(0.00201, 0.0011));
  expect(said()).toMatchObject([
    { model: 'claude-sonnet-5-5', side: 'output', units: 'text', modifiers: '', ourUsd: 0.001, payiUsd: 0.0011 },
  ]);
  clock.nowMs += 61 * 60_000;
  watch.compare(event(), cost(0.002, 0.0011));
  watch.compare(event({ requestProperties: { price_modifiers: 'us' } }), cost(0.002, 0.001));
  expect(said().map(({ side, modifiers }) => [side, modifiers])).toEqual([
    ['output', ''],
    ['output', ''],
    ['input', 'us'],
    ['output', 'us'],
  ]);
});

test('modifiers are a property of the event, and what a caller writes there is not', () => {
  const written = { region: 'utah', price_modifiers: 'batch' };
  expect(withModifiers(written, [])).toEqual({ region: 'utah' });
  expect(withModifiers(written, ['fast', 'us'])).toEqual({ region: 'utah', price_modifiers: 'fast,us' });
  expect(modifiersIn({ price_modifiers: 'us,fast,other' })).toEqual(['fast', 'us']);
  expect(modifiersIn({})).toEqual([]);
});

test('inference in the US is a scope at Pay-i, for calls of Anthropic itself', () => {
  const us = { requestProperties: { price_modifiers: 'us' } };
  expect(ingestItem(event(us))).toMatchObject({ scope: 'datazone.us', properties: { price_modifiers: 'us' } });
  expect(ingestItem(event({ ...us, category: 'system.aws.bedrock' }))).not.toHaveProperty('scope');
  expect(ingestItem(event())).not.toHaveProperty('scope');
});
