import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutText, normalizeText } from '../../shared/util/text.ts';

test.each([
  ['composed', 'Le\u0301on', 'L\u00e9on'],
  ['with the emoji that people type', '👨‍👩‍👧 camp', '👨‍👩‍👧 camp'],
  ['line ends and tabs', ' a\r\nb\rc\td ', 'a\nb\nc\td'],
  ['control characters', 'a\u0000b\u001bc\u0085d', 'abcd'],
  ['marks that reorder the line', 'a\u202etxt.exe\u202c', 'atxt.exe'],
  ['half a pair', 'a\ud83db\ude00c', 'abc'],
  ['zero width', '\u200b\u200d\u2060', ''],
  ['an order mark', '\ufeff', ''],
  ['a filler that counts as a letter', '\u3164\u115f', ''],
  ['a blank Braille pattern', '\u2800', ''],
  ['only accents', '\u0301', ''],
  ['one sign', '?', '?'],
])('%s', (_name, typed, expected) => {
  expect(normalizeText(typed)).toBe(expected);
});

test.each([
  ['short', 'abc', 3, 'abc'],
  ['long', 'abcd', 3, 'abc'],
  ['between the halves of a pair', 'ab😀', 3, 'ab'],
  ['inside a family', 'ab👨‍👩‍👧', 6, 'ab'],
  ['before an accent', 'abe\u0301', 3, 'ab'],
  ['between flags', '🇺🇸🇩🇪', 6, '🇺🇸'],
  ['a pile of marks', `a${'\u0301'.repeat(200)}`, 100, `a${'\u0301'.repeat(99)}`],
])('cut: %s', (_name, text, max, expected) => {
  expect(cutText(text, max)).toBe(expected);
});

test('whatever is typed: normalised twice is once, and a cut is a short, well-formed beginning', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (typed, max) => {
      const text = normalizeText(typed);
      expect(normalizeText(text)).toBe(text);
      const cut = cutText(text, max);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(text.startsWith(cut)).toBe(true);
      expect(cut).not.toMatch(/\p{Cs}/u);
    }),
  );
});
