import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBase64 } from '../../shared/util/base64.ts';

/** Spaces and line breaks put anywhere. */
const spaced = (text: string, places: number[]): string =>
  places.reduce((so, place) => {
    const at = place % (so.length + 1);
    return `${so.slice(0, at)}${['\n', '\r\n', ' ', '\t'][place % 4]}${so.slice(at)}`;
  }, text);

test('what programs write is read, whatever alphabet, padding and line breaks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom<BufferEncoding>('base64', 'base64url'),
      fc.boolean(),
      fc.array(fc.nat(1_000), { maxLength: 8 }),
      async (bytes, alphabet, padded, places) => {
        const text = Buffer.from(bytes).toString(alphabet);
        const written = padded ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
        expect(await decodeBase64(spaced(written, places))).toEqual(Buffer.from(bytes));
      },
    ),
  );
});

test.each(['=', 'A', 'AA=', 'AAAA=', 'AA==A', 'AA==AA==', 'not base64!', 'AAA.', 'ÄAAA', 'data:AAAA'])(
  '%s is refused',
  async (text) => {
    expect(await decodeBase64(text)).toBeUndefined();
  },
);

test('text of several steps', async () => {
  const bytes = Buffer.alloc(3_000_001, 'photo');
  expect((await decodeBase64(bytes.toString('base64').replace(/.{76}/g, '$&\n')))?.equals(bytes)).toBe(true);
});
