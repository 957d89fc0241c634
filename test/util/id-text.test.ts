import fc from 'fast-check';
import { expect, test } from 'vitest';
import { path } from '../../shared/payi/transport/transport.ts';
import { tableKey } from '../../shared/tables/table.ts';
import { idProblem, idText } from '../../shared/util/id-text.ts';

test.each([
  ['', 'must not be empty'],
  ['.', 'must not be "." or ".."'],
  ['..', 'must not be "." or ".."'],
  ['x'.repeat(513), 'must not be longer than 512 characters'],
  ['a\nb', 'must not contain control characters'],
  ['a\u0085b', 'must not contain control characters'],
  ['\ud83d', 'must be well-formed Unicode'],
  ['\udc00x', 'must be well-formed Unicode'],
])('%j is refused: %s', (text, problem) => {
  expect(idProblem(text)).toBe(problem);
  expect(idText().safeParse(text).success).toBe(false);
});

test.each(['a', '...', 'run 1/2', 'ü-🏔', 'x'.repeat(512)])('%j is an id', (text) => {
  expect(idProblem(text)).toBeUndefined();
  expect(idText().parse(text)).toBe(text);
});

test('every id is one segment of a path, and every text one key of a table', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 600 }), (text) => {
      if (idProblem(text) === undefined) {
        const address = new URL(`http://payi/limits${path`/${text}/end`}`);
        expect(address.pathname.split('/')).toEqual(['', 'limits', expect.anything(), 'end']);
      } else expect(() => path`/${text}/end`).toThrow('a part of the path must');
      expect(tableKey(text).length).toBeLessThanOrEqual(450);
    }),
  );
});

test('texts that differ at their end alone have different keys', () => {
  const long = '/'.repeat(400);
  expect(tableKey(`${long}a`)).not.toBe(tableKey(`${long}b`));
  expect(tableKey(`${'🏔'.repeat(300)}`)).not.toMatch(/\p{Surrogate}/u);
});
