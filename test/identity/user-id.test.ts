import { describe, expect, test } from 'vitest';
import { oneLine, storableUserId } from '../../shared/identity/user-id.ts';

describe('a name that a caller gives', () => {
  test.each([
    ['without blanks around it', '  lee ', 'lee'],
    ['in one spelling, however its accents are written', 'Mu\u0308ller', 'M\u00fcller'],
    ['with signs that look like others as they are', 'Ｌｅｅ', 'Ｌｅｅ'],
    ['of the greatest length', 'a'.repeat(200), 'a'.repeat(200)],
    ['that becomes short enough', 'u\u0308'.repeat(200), 'ü'.repeat(200)],
  ])('is %s', (_name, text, expected) => {
    expect(oneLine(text, 'x-user-id')).toBe(expected);
    expect(storableUserId(text, undefined, 'x-user-id')).toBe(expected);
  });

  test.each([
    ['empty', ' '],
    ['too long', 'a'.repeat(201)],
    ['with a line end', 'a\nb'],
    ['with a mark that nobody sees', 'lee\u200b'],
    ['with half of a pair', 'a\ud800'],
    ['a step up a path', '..'],
  ])('is refused when it is %s', (_name, text) => {
    expect(() => oneLine(text, 'x-user-id')).toThrow('x-user-id');
  });

  test('is a pseudonym where it is an address, the same for each spelling of it', () => {
    const pseudonym = storableUserId('Le\u0301e@example.com', 'key', 'x-user-id');
    expect(pseudonym).toMatch(/^user-[0-9a-f]{24}$/);
    expect(storableUserId('l\u00e9e@Example.com', 'key', 'x-user-id')).toBe(pseudonym);
    expect(storableUserId('l\u00e9e@example.com', 'another', 'x-user-id')).not.toBe(pseudonym);
  });
});
