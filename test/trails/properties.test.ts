import fc from 'fast-check';
import { expect, test } from 'vitest';
import { properties } from '../../shared/trails/properties.ts';

test('absent and empty values are left out, the others are short lines', () => {
  expect(properties({ a: undefined, b: ' ', c: 7, d: false, e: ' two\r\n\tlines\u0000 ', f: 'x'.repeat(300) })).toEqual(
    {
      c: '7',
      d: 'false',
      e: 'two lines',
      f: 'x'.repeat(100),
    },
  );
});

test('whatever is typed, a value is one short, well-formed line', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', minLength: 90 })), (typed) => {
      const { a = '' } = properties({ a: typed });
      expect(a.length).toBeLessThanOrEqual(100);
      expect(a).not.toMatch(/\p{Cc}|\p{Cs}/u);
    }),
  );
});
