import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLongJson } from '../../shared/http/long-json.ts';

const parse = (text: string | Uint8Array) => parseLongJson(typeof text === 'string' ? Buffer.from(text) : text);

/** Texts around the length from which they are parsed apart, with what JSON escapes and what UTF-8 needs bytes for. */
const longText = fc
  .tuple(
    fc.constantFrom('A', '\n', '"', '\\', 'ä', '日', '\u{1f3d4}', '\ud800', '\\"', 'u\\u0041', ' '),
    fc.constantFrom('', '"', '\\', 'x', '\u{1f3d4}'),
    fc.constantFrom(1, 8_000, 16_380, 16_390, 30_000),
  )
  .map(([unit, end, count]) => unit.repeat(count) + end);

test('the value is that of JSON.parse', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ images: fc.array(longText, { maxLength: 4 }), other: fc.jsonValue(), note: longText }),
      fc.constantFrom(undefined, 2, '\t'),
      async (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(await parse(text)).toEqual({ value: JSON.parse(text) });
      },
    ),
    { numRuns: 60 },
  );
});

test('a text of several steps, cut between characters and escapes', async () => {
  const unit = '日\\u65e5\\n\\\\A"'.replace('"', '\\"');
  const text = `{"images":["${unit.repeat(200_000)}","${'A'.repeat(3_000_000)}"]}`;
  expect((await parse(text))?.value).toEqual(JSON.parse(text));
});

test.each([
  ['nothing', ''],
  ['a long text that does not end', `{"a":"${'x'.repeat(20_000)}`],
  ['a long text with a wrong escape', `{"a":"${'x'.repeat(20_000)}\\q"}`],
  ['a long text with a line break', `{"a":"${'x'.repeat(20_000)}\n"}`],
  ['two long texts without a comma', `["${'x'.repeat(20_000)}" "${'x'.repeat(20_000)}"]`],
  ['more than 256 KB of small values', `[${'1,'.repeat(200_000)}1]`],
  ['more than 20,000 values', `[${'1,'.repeat(20_000)}1]`],
  ['a member twice', '{"a":1,"b":{"a":2,"\\u0061":3}}'],
  ['deep nesting', '['.repeat(200_000)],
  ['many quotes', `["${'\\"'.repeat(1_100_000)}"]`],
])('%s is refused', async (_name, text) => {
  expect(await parse(text)).toBeUndefined();
});

test('what is not UTF-8 is refused, in a long text too', async () => {
  const text = Buffer.from(`{"a":"${'x'.repeat(20_000)}"}`);
  text[10_000] = 0xff;
  expect(await parse(text)).toBeUndefined();
});

test('names of members are left alone however long they are', async () => {
  const text = JSON.stringify({ ['n'.repeat(20_000)]: 1 });
  expect(await parse(text)).toEqual({ value: JSON.parse(text) });
});
