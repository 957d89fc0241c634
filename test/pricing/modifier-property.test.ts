import { expect, test } from 'vitest';
import { modifiersIn, withModifiers } from '../../shared/pricing/modifier-property.ts';

test('modifiers stand in the place of what a caller wrote there, and nothing else changes', () => {
  expect(withModifiers({ region: 'utah' }, ['us', 'fast'])).toEqual({ region: 'utah', price_modifiers: 'us,fast' });
  expect(withModifiers({ price_modifiers: 'batch' }, ['fast'])).toEqual({ price_modifiers: 'fast' });
  expect(withModifiers({ region: 'utah', price_modifiers: 'batch' }, [])).toEqual({ region: 'utah' });
});

test('properties without modifiers stay the same object', () => {
  const properties = { region: 'utah' };
  expect(withModifiers(properties, [])).toBe(properties);
});

test.each([
  [undefined, []],
  ['', []],
  ['fast', ['fast']],
  ['priority,us', ['us', 'priority']],
  ['faster,us ', []],
])('price_modifiers %j says %j', (price_modifiers, modifiers) => {
  expect(modifiersIn(price_modifiers === undefined ? {} : { price_modifiers })).toEqual(modifiers);
});
