import { describe, expect, test } from 'vitest';
import { measure } from '../../shared/model/request/measure.ts';
import { jsonRule, listRule, mediaRule, objectRule, textRule, typedRule } from '../../shared/model/request/rules.ts';

const blocks = listRule(typedRule({ text: objectRule({ text: textRule }), none: objectRule({}) }));
const root = objectRule({ a: textRule, b: listRule(listRule(textRule)), c: jsonRule, d: mediaRule, e: blocks });
const unknownOf = (body: unknown) => measure(body, root).unknown;
const bytesOf = (body: unknown) => {
  const { textBytes, bytesByMember } = measure(body, root);
  return [textBytes, Object.fromEntries(bytesByMember)];
};

/** What the body and the names of its members come to: 8 for each value and each name, and their letters. */
test.each<[string, unknown, number, object]>([
  ['a text', 'xy', 10, {}],
  ['no members', {}, 8, {}],
  ['a text in UTF-8', { a: 'ä€' }, 8 + 9 + 13, { a: 13 }],
  ['a number', { a: 1_234 }, 8 + 9 + 12, { a: 12 }],
  ['null', { a: null }, 8 + 9 + 12, { a: 12 }],
  ['true', { a: true }, 8 + 9 + 12, { a: 12 }],
  ['lists in a list', { b: [['x', 'yz'], []] }, 8 + 9 + 43, { b: 8 + 8 + 9 + 10 + 8 }],
  ['JSON, whose texts are quoted', { c: ['"', 1] }, 8 + 9 + 29, { c: 8 + 12 + 9 }],
  ['JSON, whose names are quoted too', { c: { '\u0001"': {} } }, 8 + 9 + 34, { c: 8 + 18 + 8 }],
  ['a picture', { d: 'A'.repeat(1_000) }, 8 + 9 + 8, { d: 8 }],
  ['what is in a picture but no text', { d: 12 }, 8 + 9 + 10, { d: 10 }],
  [
    'each member by itself',
    { b: [['x', 'yz'], ['x']], a: 'x', c: [[]], d: '' },
    8 + 36 + 85,
    { b: 52, a: 9, c: 16, d: 8 },
  ],
])('the bytes of %s', (_name, body, all, members) => {
  expect(bytesOf(body)).toEqual([all, members]);
});

test('what is found besides, of a body that has nothing', () => {
  const nothing = { images: 0, opaqueBy: [], documentBytes: 0, oneHourCache: false, bindsModel: false, tools: [] };
  expect(measure({}, root)).toMatchObject({ ...nothing, textBytes: 8, bytesByMember: new Map() });
});

describe('what has no rule', () => {
  test.each<[string, unknown, string | undefined]>([
    ['a member', { x: 1 }, 'x'],
    ['a name that could be a text', { 'x y': 1 }, 'of another kind'],
    ['a list for a text', { a: [] }, 'a[]'],
    ['members of what has none', { a: { x: 1 } }, 'a.x'],
    ['a list in a list of texts', { b: [[[]]] }, 'b[]'],
    ['an object in a list of texts', { b: [[{}]] }, undefined],
    ['a block of a type that exists', { e: [{ type: 'none' }] }, undefined],
    ['a member of a block', { e: [{ type: 'none', text: 'x' }] }, 'e.text'],
    ['a type', { e: [{ type: 'other' }] }, 'e.type other'],
    ['no type', { e: [{}] }, 'e.type undefined'],
    ['a type that objects have by birth', { e: [{ type: 'constructor' }] }, 'e.type constructor'],
    ['a type in a list', { e: [{ type: ['none'] }] }, 'e.type none'],
    ['a member that objects have by birth', { constructor: {} }, 'constructor'],
    ['the first of several', { e: [{ type: 'other' }], x: 1 }, 'x'],
    ['anything in JSON', { c: [{ x: [[]], type: 'other' }] }, undefined],
  ])('%s', (_name, body, unknown) => {
    expect(unknownOf(body)).toBe(unknown);
  });

  test('is in the bytes all the same, by its name', () => {
    expect(bytesOf({ e: [{ type: 'other', xyz: 'x' }] })).toEqual([8 + 9 + 8 + 8 + 12 + 11, { e: 8 + 8 + 12 + 11 }]);
  });
});

test('members of any name', () => {
  expect(measure({ x: { y: 1 } }, { values: { values: textRule } }).unknown).toBeUndefined();
  expect(measure({ x: { y: { z: 1 } } }, { values: { values: textRule } }).unknown).toBe('x.y.z');
});

test('an own member __proto__ is one without a rule', () => {
  expect(unknownOf(JSON.parse('{"__proto__":{"a":1}}'))).toBe('__proto__');
});
