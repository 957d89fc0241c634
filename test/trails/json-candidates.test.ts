import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonCandidates } from '../../shared/trails/structured-output/json-candidates.ts';

const cases: [string, string, unknown[]][] = [
  ['plain', '{"a":1}', [{ a: 1 }]],
  ['a fence', '```json\n{"a":1}\n```', [{ a: 1 }]],
  ['prose with braces before and after', 'I use {braces}: {"a":1} {so there}', [{ a: 1 }]],
  ['two objects', '{"a":1}\n{"a":2}', [{ a: 1 }, { a: 2 }]],
  ['a fence inside a string', '{"a":"```json {not this} ```"}', [{ a: '```json {not this} ```' }]],
  ['quotes and backslashes in strings', '{"a":"say \\"}\\" \\\\"}', [{ a: 'say "}" \\' }]],
  ['cut off', '{"a":[1,2', []],
  ['a comma at the end', '{"a":1,}', []],
  ['an array does not pass for its first object', '[{"a":1},{"a":2}]', []],
  ['a list in prose', '[1] see {"a":1}', [{ a: 1 }]],
  ['an odd quote in prose', 'the 35" tyres {"a":1}', [{ a: 1 }]],
  ['an object inside a broken one', '{"a": {"b":1}, oops}', [{ b: 1 }]],
  ['nothing', '', []],
  ['null', 'null', []],
];

test.each(cases)('%s', (_name, text, expected) => {
  expect(jsonCandidates(text)).toEqual(expected);
});

test('any object is found between any prose without brackets', () => {
  const prose = fc.string().map((text) => text.replace(/[{}[\]]/g, ''));
  fc.assert(
    fc.property(prose, fc.dictionary(fc.string(), fc.jsonValue()), prose, (before, value, after) => {
      const text = `${before}${JSON.stringify(value)}${after}`;
      expect(jsonCandidates(text)).toEqual([JSON.parse(JSON.stringify(value))]);
    }),
  );
});

test('brackets without end don’t take time without end', () => {
  expect(jsonCandidates('{['.repeat(100_000))).toEqual([]);
});
