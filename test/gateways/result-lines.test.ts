import { expect, test } from 'vitest';
import { linesOf } from '../../shared/gateways/anthropic/batches/result-lines.ts';

async function lines(longest: number | undefined, ...chunks: string[]): Promise<string[]> {
  const body = ReadableStream.from(chunks.map((chunk) => Buffer.from(chunk))) as ReadableStream<Uint8Array>;
  const found: string[] = [];
  for await (const line of linesOf(body, longest)) found.push(line);
  return found;
}

test('lines are found however they are cut, empty ones are left out', async () => {
  expect(await lines(undefined, 'a\nb', 'c\n\n', '\n ', '\nd')).toEqual(['a', 'bc', 'd']);
  expect(await lines(undefined, '', 'a\n')).toEqual(['a']);
});

test('a line that is too long to be kept is left out, and the next one is not', async () => {
  expect(await lines(5, 'abc', 'def', 'ghi', '\nb\n')).toEqual(['b']);
  expect(await lines(5, 'a\nabcdef', '\nb')).toEqual(['a', 'b']);
  expect(await lines(5, 'a\nabcd', 'efg')).toEqual(['a']);
});
