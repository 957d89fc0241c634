import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findJsonFault } from '../../shared/util/json/json-faults.ts';

const bounds = { depth: 100, values: 100_000 };
const faultOf = (text: string) => findJsonFault(Buffer.from(text), bounds);

test('any JSON value as it is written has no fault', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.boolean(), (text, spaced) => {
      const written = spaced ? JSON.stringify(JSON.parse(text), null, ' ') : JSON.stringify(JSON.parse(text));
      expect(faultOf(written)).toBeUndefined();
    }),
  );
});

test('a member that is written a second time is found, wherever and however it is written', () => {
  const escaped = (name: string) =>
    [...name].map((sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`).join('');
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 6 }),
      fc.stringMatching(/^[a-z]{1,5}$/),
      fc.jsonValue({ maxDepth: 2 }),
      fc.boolean(),
      (object, name, value, inList) => {
        const members = Object.entries({ ...object, [name]: value }).map(
          ([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one)}`,
        );
        const text = `{${[...members, `"${escaped(name)}" : 7`].join(',')}}`;
        expect(faultOf(inList ? `[[],{"${name}":${text}}]` : text)).toEqual({ kind: 'duplicate', key: name });
      },
    ),
  );
});

test.each([
  ['nesting', `${'['.repeat(101)}`, { kind: 'depth' }],
  ['as deep as may be', `${'['.repeat(100)}${']'.repeat(100)}`, undefined],
  ['values', `[${'1,'.repeat(100_001)}1]`, { kind: 'values' }],
  ['an unfinished text', '{"a":"\\', undefined],
  ['no text', '', undefined],
])('%s', (_name, text, fault) => {
  expect(faultOf(text)).toEqual(fault);
});
